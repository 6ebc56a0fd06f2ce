import { z } from 'zod';

const trackSchema = z.object({ packets: z.number(), jitterMs: z.number() });

/** The part of rtcd's snapshot of a session that the page shows. The rest stays here. */
const inspectionSchema = z.object({
  ageMs: z.number(),
  path: z.string().optional(),
  way: z.object({ protocol: z.string(), local: z.string(), remote: z.string() }).optional(),
  drops: z.record(z.string(), z.number()),
  ice: z.object({
    state: z.string(),
    checks: z.object({ accepted: z.number(), refused: z.number() }),
    paths: z.array(z.object({ isSelected: z.boolean(), lastConsentAgoMs: z.number() })),
  }),
  dtls: z.object({ phase: z.string() }).optional(),
  sctp: z.object({ state: z.string() }).optional(),
  incoming: z.array(trackSchema.extend({ type: z.string().optional(), lost: z.number() })),
  estimateBps: z.number(),
  outgoing: z.array(
    trackSchema.extend({
      trackId: z.string(),
      senderID: z.string(),
      type: z.string(),
      isFlowing: z.boolean(),
      lossRatio: z.number(),
      level: z.string().optional(),
      reason: z.string().optional(),
    }),
  ),
  events: z.array(z.object({ atMs: z.number(), event: z.string(), detail: z.string() })),
});

/** A session as rtcd knows it. */
export type Inspection = z.infer<typeof inspectionSchema>;

const shownEvents = 12;

export interface InspectorOptions {
  readonly rtcdURL: string;
  readonly adminSecret: string;
}

/** Returns a function that asks rtcd about a session of `groupID`, as only the admin may. It resolves with undefined if rtcd returns nothing. */
export function createInspector({ rtcdURL, adminSecret }: InspectorOptions) {
  const headers = { Authorization: `Basic ${btoa(`:${adminSecret}`)}` };
  return async (groupID: string, sessionID: string): Promise<Inspection | undefined> => {
    const path = `/debug/sessions/${encodeURIComponent(groupID)}/${encodeURIComponent(sessionID)}`;
    try {
      const response = await fetch(rtcdURL + path, { headers });
      const inspection = inspectionSchema.parse(await response.json());
      return { ...inspection, events: inspection.events.slice(-shownEvents) };
    } catch {
      return undefined;
    }
  };
}
