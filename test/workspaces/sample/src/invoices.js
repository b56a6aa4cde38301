import { Level, lg } from './log.js';

const invoices = new Map();

export function loadInvoice(id) {
  if (!id) {
    return null;
  }
  return invoices.get(id) ?? null;
}

export function saveInvoice(id, invoice) {
  if (!id) {
    return null;
  }
  invoices.set(id, invoice);
  return invoice;
}

export function renameInvoice(id, name) {
  if (!id) {
    return null;
  }
  const invoice = { ...invoices.get(id), name };
  invoices.set(id, invoice);
  return invoice;
}

export function removeInvoice(id) {
  if (!id) {
    return null;
  }
  return invoices.delete(id);
}
