import type { DtlsOwner } from '../dtls-owner.ts';
import { type AlertDescription, writeAlert } from '../record/alert.ts';
import { ContentType } from '../record/record.ts';
import type { DtlsStats, RecordLayer } from '../record/record-layer.ts';
import { type FlightPart, packFlight } from './flight.ts';

/** Sender of one side of a connection, record by record or flight by flight. */
export class Outbound {
  readonly #records: RecordLayer;
  readonly #owner: Pick<DtlsOwner, 'transmit'>;
  readonly #stats: DtlsStats;
  readonly #mtu: number;

  /** `mtu` is in bytes of UDP payload. */
  constructor(records: RecordLayer, owner: Pick<DtlsOwner, 'transmit'>, stats: DtlsStats, mtu: number) {
    this.#records = records;
    this.#owner = owner;
    this.#stats = stats;
    this.#mtu = mtu;
  }

  flight(parts: readonly FlightPart[]): void {
    for (const datagram of packFlight(parts, this.#records, this.#mtu)) this.#owner.transmit(datagram);
  }

  /** The same messages in new records. */
  flightAgain(parts: readonly FlightPart[]): void {
    this.#stats.flightsResent++;
    this.flight(parts);
  }

  data(bytes: Uint8Array): void {
    this.#owner.transmit(this.#records.write(1, ContentType.applicationData, bytes));
  }

  alert(epoch: 0 | 1, description: AlertDescription): void {
    this.#owner.transmit(writeAlert(this.#records, epoch, description));
  }
}
