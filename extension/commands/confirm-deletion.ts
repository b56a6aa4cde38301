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
  const choice = await window.showWarningMessage(question, { modal: true }, 'Delete', 'Export First…');
  if (choice !== 'Export First…') return choice === 'Delete';
  if (!(await exportData())) return false;
  return (await window.showWarningMessage(question, { modal: true }, 'Delete')) === 'Delete';
}
