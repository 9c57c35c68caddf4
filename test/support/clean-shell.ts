import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { text as readText } from 'node:stream/consumers';

/** Runs a command to its end where nothing of this checkout is on the PATH and nothing of the running npm is inherited. */
export async function runIn(cwd: string, [command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const [stdout, stderr, code] = await Promise.all([readText(child.stdout), readText(child.stderr), ended]);
  return { code, stdout, output: stdout + stderr };
}

/** The user's own settings for npm stay, certificate authorities and proxies included, so that packages come from where they always do. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(registry|userconfig|cache)$)|INIT_CWD$|NODE(?!_EXTRA_CA_CERTS$)|VITEST|TEST$|DEV$|PROD$)/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(kept), PATH: pathWithNode(), npm_config_prefer_offline: 'true' };
}

/** The PATH with the Node of this process first and without any `node_modules/.bin`. */
export function pathWithNode(): string {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  return [dirname(process.execPath), ...folders].join(':');
}
