/**
 * Stands between a client and a server, and breaks what it is told to break.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';

/** A piece of what goes by. */
export interface Piece {
  readonly from: 'client' | 'server';
  /** Counted over all connections of both ways, from 0. */
  readonly place: number;
  readonly bytes: Buffer;
}

/**
 * What becomes of a piece: it passes, it passes and then both ends are cut off, they are cut off before it passes, or
 * from here on nothing passes any more.
 */
export type Fate = 'pass' | 'pass-and-cut' | 'cut' | 'hang';

/** One relay on a port of its own. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #decide: (piece: Piece) => Fate;
  #pieces = 0;
  #isHung = false;

  private constructor(targetPort: number, decide: (piece: Piece) => Fate) {
    this.#decide = decide;
    this.#server = createServer((client) => this.#join(client, connect(targetPort, '127.0.0.1')));
  }

  static async start(targetPort: number, decide: (piece: Piece) => Fate): Promise<Relay> {
    const relay = new Relay(targetPort, decide);
    await once(relay.#server.listen(0, '127.0.0.1'), 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many pieces have come by. */
  get pieces(): number {
    return this.#pieces;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server.close(), 'close');
  }

  #join(client: Socket, server: Socket): void {
    const cut = (): void => {
      client.resetAndDestroy();
      server.resetAndDestroy();
    };
    for (const [from, to, name] of [
      [client, server, 'client'],
      [server, client, 'server'],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.on('data', (bytes) => this.#pass({ from: name, place: this.#pieces++, bytes }, to, cut));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!this.#isHung) to.destroy();
      });
    }
  }

  #pass(piece: Piece, to: Socket, cut: () => void): void {
    if (this.#isHung) return;
    const fate = this.#decide(piece);
    if (fate === 'hang') this.#isHung = true;
    if (fate === 'cut') cut();
    if (fate === 'pass' || fate === 'pass-and-cut') to.write(piece.bytes, fate === 'pass' ? undefined : cut);
  }
}

/** Starts relays; they end with the test. */
export function useRelays(): (targetPort: number, decide: (piece: Piece) => Fate) => Promise<Relay> {
  const running: Relay[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((relay) => relay.stop()));
  });
  return async (targetPort, decide) => {
    const relay = await Relay.start(targetPort, decide);
    running.push(relay);
    return relay;
  };
}
