import { type DecodedPacket, type Step } from './decoded-packet.ts';
import { decodeSnap } from './ethernet.ts';
import { SKIP_WIFI_NOT_DATA, SKIP_WIFI_SHORT } from './skip.ts';

/** IEEE 802.11 data frames (IEEE 802.11-2020, 9.3.2). */
const HEADER = 24;
const CONTROL_LOW = 0;
const CONTROL_HIGH = 1;
const TYPE_MASK = 0x0c;
const TYPE_DATA = 0x08;
const SUBTYPE_NO_DATA = 0x40;
const SUBTYPE_QOS = 0x80;
const TO_AND_FROM_DS = 0x03;
const PROTECTED = 0x40;
const ORDER = 0x80;
const FOURTH_ADDRESS = 6;
const QOS_CONTROL = 2;
const HT_CONTROL = 4;
/** radiotap: version, pad, little-endian length of the whole header. */
const RADIOTAP_LENGTH = 2;
const RADIOTAP_MINIMUM = 8;

/** An 802.11 header; only unprotected data frames carry readable IP, behind LLC/SNAP. */
export function decodeWifi(packet: DecodedPacket): Step {
  const { bytes, at } = packet;
  if (at + HEADER > packet.end) return SKIP_WIFI_SHORT;
  return decodeWifiData(packet, bytes[at + CONTROL_LOW], bytes[at + CONTROL_HIGH]);
}

/** True where the low byte of a frame control field names a data frame. */
export function isWifiData(low: number): boolean {
  return (low & TYPE_MASK) === TYPE_DATA;
}

/** The 802.11 header at the cursor, its frame control field given as low and high byte. */
export function decodeWifiData(packet: DecodedPacket, low: number, high: number): Step {
  const { at, end } = packet;
  if (at + HEADER > end) return SKIP_WIFI_SHORT;
  if ((low & TYPE_MASK) !== TYPE_DATA || (low & SUBTYPE_NO_DATA) !== 0 || (high & PROTECTED) !== 0) {
    return SKIP_WIFI_NOT_DATA;
  }
  let length = HEADER;
  if ((high & TO_AND_FROM_DS) === TO_AND_FROM_DS) length += FOURTH_ADDRESS;
  if ((low & SUBTYPE_QOS) !== 0) {
    length += QOS_CONTROL;
    if ((high & ORDER) !== 0) length += HT_CONTROL;
  }
  packet.at = at + length;
  return decodeSnap(packet);
}

/** A radiotap header before the 802.11 header. */
export function decodeRadiotap(packet: DecodedPacket): Step {
  const { bytes, at, end } = packet;
  if (at + RADIOTAP_MINIMUM > end) return SKIP_WIFI_SHORT;
  const length = bytes[at + RADIOTAP_LENGTH] | (bytes[at + RADIOTAP_LENGTH + 1] << 8);
  if (length < RADIOTAP_MINIMUM) return SKIP_WIFI_SHORT;
  packet.at = at + length;
  return decodeWifi(packet);
}
