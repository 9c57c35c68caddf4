import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What stands before a database cluster: one address, and the server behind it changes. */
export interface SwitchingProxy {
  readonly url: string;
  /** New connections go there. Those that are open stay where they are, as with a primary that nobody fenced. */
  switchTo(url: string): void;
  /** Ends every open connection. */
  cut(): void;
  close(): void;
}

export async function startSwitchingProxy(to: string): Promise<SwitchingProxy> {
  let target = new URL(to);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [client, database],
      [database, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(to);
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: url.href,
    switchTo: (next) => {
      target = new URL(next);
    },
    cut,
    close() {
      cut();
      server.close();
    },
  };
}
