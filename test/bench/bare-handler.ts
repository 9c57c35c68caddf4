import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';

/**
 * The baseline: express, one row inserted and committed, then an answer. Row and answer are as long as
 * ringgate's, and there are as many connections. It looks nothing up and judges nothing.
 */
const { record, answer } = JSON.parse(readFileSync(process.env.PAYLOAD ?? '', 'utf8')) as {
  record: string;
  answer: object;
};
const CONNECTIONS = 12;
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: CONNECTIONS });
await pool.query('create table if not exists bare (id uuid primary key, body text not null)');

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.get('/', async (_req, res) => {
  await pool.query('insert into bare (id, body) values ($1, $2)', [randomUUID(), record]);
  res.json(answer);
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
console.log(JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${port}` }));
