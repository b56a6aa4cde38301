import { window } from 'vscode';

/**
 * Asks before what is stored is deleted for good, and offers to save it first.
 *
 * @param exportData resolves to false where the developer chose no file
 * @returns whether to delete
 */
export async function confirmDeletion(
  question: string,
  exportData: () => Promise<boolean>,
): Promise<boolean> {
  // The first button is the one that Enter presses: it deletes nothing.
  const choice = await window.showWarningMessage(question, { modal: true }, 'Export First…', 'Delete');
  if (choice !== 'Export First…') return choice === 'Delete';
  if (!(await exportData())) return false;
  return (await window.showWarningMessage(question, { modal: true }, 'Keep', 'Delete')) === 'Delete';
}
