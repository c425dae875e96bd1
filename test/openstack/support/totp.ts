import { createHmac, randomBytes } from 'node:crypto';

/** How long a passcode is shown, seconds. Keystone takes the one before as well, so none ends while a test logs in. */
const PERIOD_SEC = 30;

const BASE_32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator app and Keystone share. */
export class TotpSecret {
  private readonly key = randomBytes(20);

  /** As Keystone keeps it: https://www.rfc-editor.org/rfc/rfc4648#section-6 */
  get base32(): string {
    const bits = Array.from(this.key, (byte) => byte.toString(2).padStart(8, '0')).join('');
    return (bits.match(/.{5}/g) ?? []).map((five) => BASE_32.charAt(Number.parseInt(five, 2))).join('');
  }

  /** The passcode of now: https://www.rfc-editor.org/rfc/rfc6238 */
  passcode(): string {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / PERIOD_SEC)));
    const digest = createHmac('sha1', this.key).update(counter).digest();
    const offset = digest.readUInt8(19) & 0xf;
    return String((digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
  }

  /** One that is not good, nor was just now. */
  wrongPasscode(): string {
    return String((Number(this.passcode()) + 500_000) % 1_000_000).padStart(6, '0');
  }
}
