/**
 * Figures as tables for people: ratios, growth, memory, and the rest.
 */
import Table from 'cli-table3';
import type { CostAtSize, Figure, LeftOut } from './case.ts';

/** Whether a figure is above its target. */
export function isMissed({ value, target }: Figure): boolean {
  return target !== undefined && !(value <= target);
}

/** All figures, and what was left out. */
export function renderFigures(figures: readonly Figure[], leftOut: readonly LeftOut[]): string {
  const grown = figures.filter(({ growth }) => growth !== undefined);
  const ratios = figures.filter((figure) => figure.unit === '×' && figure.growth === undefined);
  const others = figures.filter(({ unit }) => unit !== '×');
  return [
    ...table('Against others, each run beside one of theirs', RATIO_HEAD, ratios.map(ratioCells)),
    ...table('How cost grows', GROWTH_HEAD, grown.map(growthCells)),
    ...table('Memory, locks and times', PLAIN_HEAD, others.map(plainCells)),
    ...leftOut.map((one) => `${one.name}: left out: ${one.leftOut}`),
    `${figures.filter(isMissed).length} of ${figures.filter(({ target }) => target !== undefined).length} targets missed`,
  ].join('\n');
}

const RATIO_HEAD = ['', 'ours', 'compared with', 'takes', 'ratio', 'least..most', 'target', ''];
const GROWTH_HEAD = ['', 'seconds per 1,000 images at each size', 'factor', 'least..most', 'target', ''];
const PLAIN_HEAD = ['', 'measured', 'target', ''];
/** No lines between rows. */
const BORDERS = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

function ratioCells(figure: Figure): readonly string[] {
  const { name, baseline, value, ownSec, baselineSec } = figure;
  return [
    name,
    seconds(ownSec),
    baseline,
    seconds(baselineSec),
    `${number(value)} ×`,
    spread(figure),
    ...judged(figure),
  ];
}

function growthCells(figure: Figure): readonly string[] {
  const { name, baseline, value, growth = [] } = figure;
  const factor = `${number(value)} × that of ${baseline}`;
  return [name, growth.map(costPerThousand).join('   '), factor, spread(figure), ...judged(figure)];
}

function plainCells(figure: Figure): readonly string[] {
  return [figure.name, `${number(figure.value)} ${figure.unit}`, ...judged(figure)];
}

function costPerThousand({ images, seconds }: CostAtSize): string {
  return `${images.toLocaleString('en')}: ${number((seconds / images) * 1000)}`;
}

function judged(figure: Figure): readonly string[] {
  const { target, unit } = figure;
  return [target === undefined ? '' : `≤ ${number(target)} ${unit}`, isMissed(figure) ? 'MISSED' : ''];
}

function spread({ spread: range }: Figure): string {
  return range === undefined ? '' : `${number(range.min)}..${number(range.max)}`;
}

function seconds(value: number | undefined): string {
  return value === undefined ? '' : `${number(value)} s`;
}

/** As many digits as mean something. */
function number(value: number): string {
  if (value >= 100) return value.toFixed();
  return value.toFixed(value >= 1 ? 2 : 3);
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const drawn = new Table({ head: [...head], style: { head: [], border: [] }, chars: BORDERS });
  drawn.push(...rows.map((row) => [...row]));
  return ['', title, drawn.toString()];
}
