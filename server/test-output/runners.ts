/** The test runners whose output is read. To add one: its record in a file of parsers/, and its name here. */
import { junitXml } from './parsers/formats/junit-xml';
import { tap } from './parsers/formats/tap';
import { ava } from './parsers/javascript/ava';
import { bun } from './parsers/javascript/bun';
import { cypress } from './parsers/javascript/cypress';
import { deno } from './parsers/javascript/deno';
import { jasmine } from './parsers/javascript/jasmine';
import { jest } from './parsers/javascript/jest';
import { karma } from './parsers/javascript/karma';
import { mocha } from './parsers/javascript/mocha';
import { nodeTap } from './parsers/javascript/node-tap';
import { nodeTest } from './parsers/javascript/node-test';
import { playwright } from './parsers/javascript/playwright';
import { vitest } from './parsers/javascript/vitest';
import { bazel } from './parsers/native/bazel';
import { cargo } from './parsers/native/cargo';
import { catch2 } from './parsers/native/catch2';
import { ctest } from './parsers/native/ctest';
import { ginkgo } from './parsers/native/ginkgo';
import { go } from './parsers/native/go';
import { googletest } from './parsers/native/googletest';
import { gotestsum } from './parsers/native/gotestsum';
import { nextest } from './parsers/native/nextest';
import { swift } from './parsers/native/swift';
import { dotnet } from './parsers/platforms/dotnet';
import { dotnetTerminal } from './parsers/platforms/dotnet-terminal';
import { gradle } from './parsers/platforms/gradle';
import { maven } from './parsers/platforms/maven';
import { scalatest } from './parsers/platforms/scalatest';
import { dart } from './parsers/scripting/dart';
import { exunit } from './parsers/scripting/exunit';
import { minitest } from './parsers/scripting/minitest';
import { pest } from './parsers/scripting/pest';
import { phpunit } from './parsers/scripting/phpunit';
import { prove } from './parsers/scripting/prove';
import { pytest } from './parsers/scripting/pytest';
import { rspec } from './parsers/scripting/rspec';
import { unittest } from './parsers/scripting/unittest';
import type { RunParser } from './report';

/** Those that print to a terminal. */
export const RUNNERS: readonly RunParser[] = [
  vitest,
  jest,
  bun,
  deno,
  playwright,
  cypress,
  jasmine,
  karma,
  ava,
  nodeTest,
  nodeTap,
  mocha,
  pytest,
  unittest,
  exunit,
  dart,
  rspec,
  minitest,
  pest,
  phpunit,
  prove,
  nextest,
  cargo,
  gotestsum,
  ginkgo,
  go,
  ctest,
  googletest,
  catch2,
  swift,
  bazel,
  dotnet,
  dotnetTerminal,
  maven,
  gradle,
  scalatest,
  tap,
];

/** Formats that runners write to files. */
export const REPORTS: readonly RunParser[] = [junitXml, go, tap];
