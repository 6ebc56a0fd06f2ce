import { Call, type CallMember } from './call.ts';

/** All calls of all groups. A call is there as long as somebody is in it. */
export class Calls<Member extends CallMember> {
  readonly #groups = new Map<string, Map<string, Call<Member>>>();

  hasGroup(groupID: string): boolean {
    return this.#groups.has(groupID);
  }

  get(groupID: string, callID: string): Call<Member> | undefined {
    return this.#groups.get(groupID)?.get(callID);
  }

  /** The call, made now if it is not there. */
  open(groupID: string, callID: string): Call<Member> {
    let calls = this.#groups.get(groupID);
    if (!calls) {
      calls = new Map();
      this.#groups.set(groupID, calls);
    }
    let call = calls.get(callID);
    if (!call) {
      call = new Call(groupID, callID);
      calls.set(callID, call);
    }
    return call;
  }

  /** Takes a member out, and with the last one the call, and with the last call the group. */
  remove(call: Call<Member>, member: Member, nowMs: number): void {
    call.remove(member, nowMs);
    if (!call.isEmpty) return;
    const calls = this.#groups.get(call.groupID);
    calls?.delete(call.callID);
    if (calls?.size === 0) this.#groups.delete(call.groupID);
  }
}
