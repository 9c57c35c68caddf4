import type { Right } from '../app/ports.ts';

/** What `x-right` may say. `public` needs nobody, `signed` a body with a valid signature and no token. */
export type RightOrPublic = Right | 'public' | 'signed';

const RIGHTS: Readonly<Record<RightOrPublic, true>> = {
  public: true,
  signed: true,
  ask: true,
  deploy: true,
  read: true,
  configure: true,
  operate: true,
  audit: true,
  administer: true,
};

export const RIGHTS_IN_CONTRACT = Object.keys(RIGHTS) as readonly RightOrPublic[];
