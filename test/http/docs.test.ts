import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireBinary } from '../support/binaries.ts';
import { contract } from '../support/contract.ts';
import { sendRaw, testApp } from './http-context.ts';

const { operations } = contract.document;
const test = testApp();

/** The names of the files that the page loads. */
async function assetNames(): Promise<readonly string[]> {
  const { text } = await test.request().get('/docs');
  return [...text.matchAll(/(?:src|href)="docs\/([^"]+)"/g)].map((match) => match[1] ?? '');
}

describe('GET /docs', () => {
  it('is a page that may load only what comes from here and run no inline script', async () => {
    const { status, headers, text } = await test.request().get('/docs');
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
    expect(headers['cache-control']).toBe('no-store');
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|style=|https?:/);
  });

  it('loads files that may be cached for ever, with their types', async () => {
    const names = await assetNames();
    expect(names).toHaveLength(4);
    for (const name of names) {
      const { status, headers } = await test.request().get(`/docs/${name}`);
      expect({ name, status }).toEqual({ name, status: 200 });
      expect(name).toMatch(/-[0-9a-f]{16}\.(js|css)$/);
      const type = name.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8';
      expect(headers).toMatchObject({ 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' });
      expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'");
    }
  });

  it.each([
    ['swagger-ui.css', 404],
    ['index.html', 404],
    ['constructor', 404],
    ['..', 400],
    ['../package.json', 404],
    ['../../package.json', 404],
    ['..%2fpackage.json', 400],
    ['%2e%2e%2f%2e%2e%2fpackage.json', 400],
    ['..%5cpackage.json', 400],
    ['%2fetc%2fpasswd', 400],
    ['a%00.js', 400],
    ['%ff', 400],
    ['', 404],
  ])('has nothing else below it: /docs/%s is refused with %i', async (name, status) => {
    expect((await sendRaw(test, 'GET', `/docs/${name}`)).status).toBe(status);
  });
});

describe('the page in a real browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  let server: Server;
  let page: Page;
  const requested: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    server = test.app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await chromium.launch({ executablePath: requireBinary('chromium'), args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('request', (request) => requested.push(request.url()));
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    const listen = `addEventListener('securitypolicyviolation', (event) => console.error('violation', event.violatedDirective))`;
    await page.addInitScript({ content: listen });
    await page.goto(`${origin()}/docs`);
    await page.waitForSelector('.opblock');
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  it('shows every operation of the contract', async () => {
    const shown = await page.locator('.opblock .opblock-summary-operation-id').allTextContents();
    expect(shown.sort()).toEqual(operations.map(({ id }) => id).sort());
  });

  it('shows what an operation is for, the right that it needs, and an example, and has nothing to send it with', async () => {
    await page.locator('#operations-gate-postGate .opblock-summary-control').click();
    const open = page.locator('#operations-gate-postGate .opblock-body');
    await open.waitFor();
    const text = await open.textContent();
    for (const part of ['x-right', 'ask', 'Id of the decision', '"verdict"']) expect(text).toContain(part);
    expect(await page.locator('.try-out__btn:visible, .authorize:visible, .execute:visible').count()).toBe(0);
  });

  it('asks nobody but the service, breaks no policy and has nothing to complain about', () => {
    expect(requested.length).toBeGreaterThanOrEqual(6);
    const abroad = requested.filter((url) => !url.startsWith(`${origin()}/`) && !url.startsWith('data:'));
    expect({ abroad, complaints }).toEqual({ abroad: [], complaints: [] });
  });

  it('would notice a script that the policy forbids', async () => {
    const append = `document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))`;
    await page.evaluate(append);
    await expect.poll(() => complaints.join()).toContain('violation script-src-elem');
  });
});
