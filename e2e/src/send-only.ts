import type { CallsClientParticipant } from './calls-client/calls-client.ts';

/** Sends one encoding of the screen alone, which moves all receivers to it. */
export function sendOnly(sender: CallsClientParticipant, rid: string): Promise<void> {
  return sender.page.evaluate(async (sent) => {
    const video = window.client.peer.pc.getSenders().find(({ track }) => track?.kind === 'video');
    const parameters = video!.getParameters();
    for (const encoding of parameters.encodings) encoding.active = encoding.rid === sent;
    // On a busy machine, the browser would send another size.
    Object.assign(parameters, { degradationPreference: 'maintain-resolution' });
    await video!.setParameters(parameters);
  }, rid);
}
