import { check, validate } from '@rtcd/boundary';
import * as z from 'zod';
import { ProtocolError } from './errors.ts';
import { optionalFlag, optionalID, parseShape } from './schema.ts';

/** Capabilities of a participant, as announced when joining. */
export interface SessionProps {
  /** Mattermost channel in which the call takes place; empty for older clients. */
  readonly channelID: string;
  /** Sends its screen as AV1 as well, and receives AV1. */
  readonly av1Support: boolean;
  /** Signals over the data channel once that is open, instead of over the WebSocket. */
  readonly dcSignaling: boolean;
}

/** One user's connection to one call. */
export interface SessionConfig {
  /** All calls of one client: the clientID. */
  readonly groupID: string;
  readonly callID: string;
  readonly userID: string;
  readonly sessionID: string;
  readonly props: SessionProps;
}

/** A session config as the HTTP API writes it. */
export interface SessionConfigJSON {
  readonly GroupID: string;
  readonly CallID: string;
  readonly UserID: string;
  readonly SessionID: string;
  readonly Props: SessionProps;
}

const sessionConfigSchema = z.object({
  GroupID: optionalID,
  CallID: optionalID,
  UserID: optionalID,
  SessionID: optionalID,
  Props: z
    .object({ channelID: optionalID, av1Support: optionalFlag, dcSignaling: optionalFlag })
    .nullish()
    .transform((props) => props ?? { channelID: '', av1Support: false, dcSignaling: false }),
});

const sessionConfigCheck = check.object<SessionConfig>({
  groupID: check.string,
  callID: check.string,
  userID: check.string,
  sessionID: check.string,
  props: check.object<SessionProps>({
    channelID: check.string,
    av1Support: check.boolean,
    dcSignaling: check.boolean,
  }),
});

/** Throws `ProtocolError` `invalid_config` that names the first field that is empty or of the wrong type. */
export function checkSessionConfig(config: SessionConfig): void {
  checkTypes(config);
  const ids = [
    ['GroupID', config.groupID],
    ['CallID', config.callID],
    ['UserID', config.userID],
    ['SessionID', config.sessionID],
  ] as const;
  for (const [name, id] of ids) {
    if (id === '') throw new ProtocolError('invalid_config', `invalid ${name} value: should not be empty`);
  }
}

function checkTypes(config: SessionConfig): void {
  validate('config', config, sessionConfigCheck, (message) => new ProtocolError('invalid_config', message));
}

/** The form in which the HTTP API's `/calls` routes answer. Throws `ProtocolError` `invalid_config`. */
export function sessionConfigToJSON(config: SessionConfig): SessionConfigJSON {
  checkTypes(config);
  const { channelID, av1Support, dcSignaling } = config.props;
  return {
    GroupID: config.groupID,
    CallID: config.callID,
    UserID: config.userID,
    SessionID: config.sessionID,
    Props: { channelID, av1Support, dcSignaling },
  };
}

/** Reads what the HTTP API's `/calls` routes answer. Missing fields are empty or false. Throws `ProtocolError`. */
export function sessionConfigFromJSON(value: unknown): SessionConfig {
  const json = parseShape(sessionConfigSchema, value, 'session config');
  return {
    groupID: json.GroupID,
    callID: json.CallID,
    userID: json.UserID,
    sessionID: json.SessionID,
    props: json.Props,
  };
}
