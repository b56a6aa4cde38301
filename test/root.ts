import { join } from 'node:path';

/** The checkout's folder: tests name fixtures and entries from here, wherever they themselves lie. */
export const ROOT = join(__dirname, '..');
