/** What the thread that reads runs is asked, and what it answers. */
import type { TestReport } from './report';

export interface ReadRequest {
  id: number;
  output: string;
  /** A report file is read whole, and as what it is. */
  isReport: boolean;
}

export type ReadAnswer = { id: number; report: TestReport | null } | { id: number; error: string };
