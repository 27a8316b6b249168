import type { Random } from '../engine/random.ts';
import { ByteBuilder } from '../wire/byte-builder.ts';
import { bytesContent, type Content } from '../wire/content.ts';

export const MQTT_PORT = 1883;

/** CONNECT of MQTT 3.1.1 with a keep-alive time in seconds (section 3.1 of the standard). */
export function mqttConnect(clientId: string, keepAlive: number): Content {
  return packet(0x10, (body) => {
    body
      .sized(2, (name) => name.text('MQTT'))
      .u8(4, 2)
      .u16(keepAlive);
    body.sized(2, (id) => id.text(clientId));
  });
}

/** CONNACK: accepted. */
export function mqttConnectAck(): Content {
  return packet(0x20, (body) => body.u8(0, 0));
}

/** PUBLISH with quality of service 1. */
export function mqttPublish(topic: string, packetId: number, payload: string): Content {
  return packet(0x32, (body) =>
    body
      .sized(2, (name) => name.text(topic))
      .u16(packetId)
      .text(payload),
  );
}

/** PUBACK of a PUBLISH. */
export function mqttPublishAck(packetId: number): Content {
  return packet(0x40, (body) => body.u16(packetId));
}

export function mqttPingRequest(): Content {
  return packet(0xc0, () => undefined);
}

export function mqttPingResponse(): Content {
  return packet(0xd0, () => undefined);
}

export function mqttDisconnect(): Content {
  return packet(0xe0, () => undefined);
}

/** A reading as a small device sends it. */
export function sensorReading(random: Random): string {
  return `{"temperature":${(18 + random.integer(0, 80) / 10).toFixed(1)},"humidity":${random.integer(30, 70)}}`;
}

function packet(type: number, fill: (body: ByteBuilder) => void): Content {
  const body = new ByteBuilder();
  fill(body);
  const message = new ByteBuilder().u8(type);
  let rest = body.length;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    message.u8(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytesContent(message.raw(body.build()).build());
}
