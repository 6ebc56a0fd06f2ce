import type { SfuOptions } from '@rtcd/rtc';
import type { Config } from './config/settings.ts';

/** The SFU's part of the configuration. */
export function sfuOptions({ rtc }: Config): SfuOptions {
  return {
    addressUdp: rtc.ice_address_udp,
    portUdp: rtc.ice_port_udp,
    enableIPv6: rtc.enable_ipv6,
    hostOverride: rtc.ice_host_override,
    hostPortOverride: rtc.ice_host_port_override,
  };
}
