import { Call, type CallMember } from './call.ts';

/** All calls of all groups. A call exists as long as it has members. */
export class Calls<Member extends CallMember> {
  readonly #groups = new Map<string, Map<string, Call<Member>>>();
  readonly #maxActiveVoices: number;

  /** With `maxActiveVoices`, so many voices of each call are forwarded; with 0, all. */
  constructor(maxActiveVoices = 0) {
    this.#maxActiveVoices = maxActiveVoices;
  }

  /** Returns the call, and creates it if it does not exist. */
  open(groupID: string, callID: string): Call<Member> {
    let calls = this.#groups.get(groupID);
    if (!calls) {
      calls = new Map();
      this.#groups.set(groupID, calls);
    }
    let call = calls.get(callID);
    if (!call) {
      call = new Call(groupID, callID, this.#maxActiveVoices);
      calls.set(callID, call);
    }
    return call;
  }

  /** Removes a member, with the last one the call, and with the last call the group. */
  remove(call: Call<Member>, member: Member, nowMs: number): void {
    call.remove(member, nowMs);
    if (!call.isEmpty) return;
    const calls = this.#groups.get(call.groupID);
    calls?.delete(call.callID);
    if (calls?.size === 0) this.#groups.delete(call.groupID);
  }
}
