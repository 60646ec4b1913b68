import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where measurements of others lie, beside the project, or beside a work tree of it; they are not part of it. */
const PLACES = ['../shared', '../../shared'];

/** A folder of them; one that does not exist where they are absent. */
export function sharedFolder(name: string): string {
  const place = PLACES.find((p) => existsSync(join(p, name))) ?? PLACES[0];
  return join(place, name);
}
