/** The test runners whose output is read, the surest to be recognised first. */
import { cargo } from './parsers/cargo';
import { dotnet } from './parsers/dotnet';
import { go } from './parsers/go';
import { gradle } from './parsers/gradle';
import { jest } from './parsers/jest';
import { junitXml } from './parsers/junit-xml';
import { maven } from './parsers/maven';
import { mocha } from './parsers/mocha';
import { nodeTest } from './parsers/node-test';
import { phpunit } from './parsers/phpunit';
import { pytest } from './parsers/pytest';
import { rspec } from './parsers/rspec';
import { tap } from './parsers/tap';
import { unittest } from './parsers/unittest';
import { vitest } from './parsers/vitest';
import type { RunParser } from './report';

export const RUNNERS: readonly RunParser[] = [
  vitest,
  jest,
  nodeTest,
  mocha,
  pytest,
  unittest,
  cargo,
  rspec,
  phpunit,
  dotnet,
  maven,
  gradle,
  go,
  tap,
];

/** Formats that runners write to files. */
export const REPORTS: readonly RunParser[] = [junitXml, go, tap];
