/**
 * A server that begins as MySQL does, and lets nobody in: for what a client says before it is let in.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { KeyPair } from './tls.ts';

/** The client asks for TLS with a packet of this length. */
const TLS_REQUEST_BYTES = 36;

/** What the server can: long passwords, a database at once, protocol 4.1, TLS, authentication of today. */
const CAPABILITIES = 0x0001 | 0x0008 | 0x0200 | 0x0800 | 0x8000 | 0x0008_0000;

/** The server, and what it was told. */
export interface MysqlGreeter {
  readonly port: number;
  /** How many clients have said who they are. */
  readonly logins: () => number;
  close(): void;
}

/** Starts the server on all addresses of the loopback interface. */
export async function startMysqlGreeter(certificate: KeyPair): Promise<MysqlGreeter> {
  let logins = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write(packet(0, greeting()));
    socket.once('data', (data: Buffer) => {
      const secure = new TLSSocket(socket, { isServer: true, ...certificate });
      socket.unshift(data.subarray(TLS_REQUEST_BYTES));
      secure.on('error', () => undefined);
      secure.once('data', () => {
        logins++;
        secure.write(packet(3, refusal()));
      });
    });
  });
  const port = await listen(server);
  return {
    port,
    logins: () => logins,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '0.0.0.0', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('It listens on no port'));
      else resolve(address.port);
    });
  });
}

/** https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html */
function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header.writeUInt8(sequence, 3);
  return Buffer.concat([header, payload]);
}

function greeting(): Buffer {
  const numbers = Buffer.alloc(10);
  numbers.writeUInt16LE(CAPABILITIES & 0xffff, 1);
  numbers.writeUInt8(45, 3);
  numbers.writeUInt16LE(2, 4);
  numbers.writeUInt16LE(CAPABILITIES >>> 16, 6);
  numbers.writeUInt8(21, 8);
  return Buffer.concat([
    Buffer.from('\n8.0.0\0\x01\0\0\0abcdefgh', 'latin1'),
    numbers.subarray(0, 9),
    Buffer.alloc(10),
    Buffer.from('ijklmnopqrst\0mysql_native_password\0', 'latin1'),
  ]);
}

function refusal(): Buffer {
  return Buffer.from('\xff\x15\x04#28000Access denied', 'latin1');
}
