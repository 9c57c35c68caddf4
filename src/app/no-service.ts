import { GateError } from '../domain/errors.ts';

/** The error for a service that nobody has configured. Often its name is mistyped, so it says where the known ones are. */
export function noService(name: string): GateError {
  return new GateError(
    'not-found',
    `there is no service "${name}"; GET /services lists them, PUT /services/${name} adds it`,
  );
}
