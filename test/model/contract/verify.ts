/**
 * The verification: what it finds where index, directory and queue do not tell the same, and what its repair makes of it.
 */
import type { ImageId } from '../../../src/cache/image-id.ts';
import type { Model } from '../model.ts';
import type { Answer, VerifyWish } from '../request.ts';
import { busy, done, type Foresight } from './foresight.ts';
import { carryOut, isFlipped, mending, type Step } from './image-steps.ts';

/** A file or a marker that stays for longer is not about to go by itself. */
const GRACE_SEC = 60;

/** A finding, by the keys that scripts read. */
interface Finding {
  readonly image_id: ImageId | null;
  readonly severity: 'error' | 'hint';
  readonly reason: string;
  readonly action: string;
  readonly result: string;
  readonly area: string | null;
  readonly size: number | null;
  readonly time: null;
  readonly expected: string | null;
  readonly found: string | null;
}

/** What `verify` finds and, with `--repair`, does. */
export function foreseeVerify(model: Model, { repair }: VerifyWish): Foresight {
  const found = findingsIn(model);
  const told = (result: string): Answer => {
    const findings = found.map(({ finding }) => ({ ...finding, result }));
    return isDamage(findings) ? damage(findings) : done({ items: findings, facts: {} });
  };
  const planned = told('planned');
  if (!repair || found.length === 0) {
    const answer = told(repair ? 'planned' : 'found');
    return { planned, isStruck: false, carryOut: () => answer };
  }
  const refusal = busy(model, 'glance-cache-manage');
  if (refusal !== undefined) return { planned, isStruck: false, carryOut: () => refusal };
  const isStruck = found.some(({ step }) => step !== undefined);
  return { planned, isStruck, carryOut: () => repairAll(model, found, isStruck) };
}

/** A finding, and the step that mends it where it is about an image in the index. */
interface Found {
  readonly finding: Finding;
  readonly step?: Step;
}

function findingsIn(model: Model): readonly Found[] {
  const lost = isFlipped(model) ? [{ finding: finding(null, 'index-lost', 'rebuild-index') }] : [];
  const imageIds = [...new Set([...model.files.cached.keys(), ...model.rows.keys()])];
  const images = imageIds.flatMap((imageId): readonly Found[] => {
    const step = mending(model, imageId);
    return step === undefined ? [] : [{ step, finding: findingOf(model, step) }];
  });
  // The marker of one that has just come is about to go by itself.
  const isThere = (imageId: ImageId): boolean =>
    model.nowSec - (model.files.cached.get(imageId)?.changedSec ?? model.nowSec) > GRACE_SEC;
  const queued = [...model.queue.keys()].filter(isThere);
  return [...lost, ...images, ...queued.map((imageId) => ({ finding: finding(imageId, 'queued', 'unqueue') }))];
}

function findingOf(model: Model, step: Step): Finding {
  const { kind, imageId } = step;
  if (kind === 'drop-row') return finding(imageId, 'no-file', kind);
  const { sizeBytes: size } = step.file;
  if (kind === 'adopt') return { ...finding(imageId, 'no-row', kind), size };
  const expected = String(model.rows.get(imageId)?.sizeBytes);
  return { ...finding(imageId, 'wrong-size', kind), size, expected, found: String(size) };
}

function repairAll(model: Model, found: readonly Found[], isStruck: boolean): Answer {
  if (model.isIndexLocked && isStruck) {
    const items = found.map(({ finding }) => ({ ...finding, result: 'skipped', reason: 'stopped' }));
    return { exitCode: 5, error: 'BUSY_INDEX', report: { items, facts: {} } };
  }
  const items = found.map(({ finding, step }): Finding => {
    const skipped = step === undefined ? unqueue(model, finding) : carryOut(model, step);
    return skipped === undefined ? { ...finding, result: 'done' } : { ...finding, result: 'skipped', reason: skipped };
  });
  const left = items.filter(({ reason }) => reason === 'changed');
  return isDamage(left) ? damage(items) : done({ items, facts: {} });
}

function unqueue(model: Model, { image_id: imageId }: Finding): string | undefined {
  return imageId === null || model.queue.delete(imageId) ? undefined : 'gone';
}

/** Whether more is wrong than interrupted work leaves behind. */
function isDamage(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

function damage(items: readonly Finding[]): Answer {
  return { exitCode: 9, error: 'INTEGRITY_CACHE', report: { items, facts: {} } };
}

function finding(imageId: ImageId | null, reason: string, action: string): Finding {
  const severity = reason === 'index-lost' || reason === 'wrong-size' ? 'error' : 'hint';
  const area = action === 'unqueue' ? 'queue' : null;
  const about = { area, size: null, time: null, expected: null, found: null };
  return { image_id: imageId, severity, reason, action, result: 'planned', ...about };
}
