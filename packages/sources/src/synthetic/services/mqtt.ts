import type { Process } from '../engine/scheduler.ts';
import type { Device } from '../network/host.ts';
import {
  MQTT_PORT,
  mqttConnect,
  mqttConnectAck,
  mqttDisconnect,
  mqttPingRequest,
  mqttPingResponse,
  mqttPublish,
  mqttPublishAck,
  sensorReading,
} from '../protocols/mqtt-packets.ts';
import { TcpConnection } from '../tcp-connection.ts';
import type { World } from '../world.ts';
import type { ServiceKind } from './service.ts';

const KEEP_ALIVE = 60;

/** A sensor's connection to the broker: a reading at fixed intervals, pings in between, for hours. */
export const mqtt: ServiceKind = {
  name: 'mqtt',
  description: 'sensors that publish readings to the broker in the house at fixed intervals over long connections',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    const connection = new TcpConnection(world, device, network.broker, MQTT_PORT, [device.ipv4, network.broker.ipv4]);
    if (!(yield* connection.open())) return;
    yield* connection.clientSends(mqttConnect(device.name, KEEP_ALIVE));
    yield* connection.serverSends(mqttConnectAck());
    const interval = random.choice([15, 30, 60]);
    const readings = random.integer(20, 200);
    for (let reading = 1; reading <= readings; reading++) {
      yield interval * random.between(0.98, 1.02);
      const id = ((reading - 1) % 0xffff) + 1;
      yield* connection.clientSends(mqttPublish(`home/${device.name}`, id, sensorReading(random)));
      yield* connection.serverSends(mqttPublishAck(id));
      if (interval === KEEP_ALIVE) {
        yield interval / 2;
        yield* connection.clientSends(mqttPingRequest());
        yield* connection.serverSends(mqttPingResponse());
      }
    }
    // Its Wi-Fi goes away now and then: then the connection just stops.
    if (random.chance(0.2)) return;
    yield* connection.clientSends(mqttDisconnect());
    yield* connection.close();
  },
};
