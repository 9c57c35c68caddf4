import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Role } from './ports.ts';

/**
 * How a token looks: a prefix that tells its role to people and to secret scanners, 30 random
 * base62 characters (178 bits) and a checksum of both. The checksum is no security: it lets garbage
 * be refused before the database is asked. Tokens are the one thing here that needs randomness; it
 * comes from the operating system's generator, never from Math.random.
 */
const PREFIXES: Readonly<Record<Role, string>> = {
  pipeline: 'gkp',
  configurator: 'gkc',
  operator: 'gko',
  auditor: 'gka',
  admin: 'gkx',
};

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 30;
/** 62⁶ > 2³², so a CRC32 always fits. */
const CHECK_LENGTH = 6;
const PATTERN = /^(gk[pcoax])_[0-9A-Za-z]{36}$/;

/** A new token for the role. Whoever holds the text holds the token: it is shown once and never stored. */
export function newTokenText(role: Role): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => BASE62.charAt(randomInt(BASE62.length))).join('');
  const text = `${PREFIXES[role]}_${random}`;
  return text + checksum(text);
}

/** True when the text could be one of our tokens: shape and checksum are right. */
export function looksLikeToken(text: string): boolean {
  return PATTERN.test(text) && checksum(text.slice(0, -CHECK_LENGTH)) === text.slice(-CHECK_LENGTH);
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  while (digits.length < CHECK_LENGTH) {
    digits = BASE62.charAt(rest % BASE62.length) + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}
