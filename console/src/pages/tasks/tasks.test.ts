import { describe, expect, it } from 'vitest';
import type { Task, TaskStatus } from '../../api/types';
import { columnsOf, neighbour, type Moves, type Read } from './board';
import { changeOf, creationOf, draftOf, NEW_TASK } from './draft';
import { isOverdue, STATUSES } from './words';

function task(id: number, change: Partial<Task> = {}): Task {
  const times = { created_at: 1_700_000_000 + id, updated_at: 1_700_000_000 + id, due_date: null, finished_at: null };
  const rest = { description: null, assigned_to: null, created_by: 'admin', metadata: {} };
  return { id, title: `Task ${id}`, status: 'inbox', priority: 'medium', ...times, ...rest, ...change };
}

function read(columns: Partial<Record<TaskStatus, Task[]>>, totals: Partial<Record<TaskStatus, number>> = {}) {
  const of = (status: TaskStatus): Read => {
    const tasks = columns[status] ?? [];
    return { tasks, total: totals[status] ?? tasks.length };
  };
  return Object.fromEntries(STATUSES.map((status) => [status, of(status)])) as Record<TaskStatus, Read>;
}

function shown(columns: ReturnType<typeof columnsOf>, status: TaskStatus) {
  const column = columns.find((each) => each.status === status);
  return { ids: column?.tasks.map((each) => each.id), total: column?.total };
}

describe('the columns', () => {
  it('have the most urgent tasks first, then the oldest', () => {
    const inbox = [task(1, { priority: 'low' }), task(2), task(3, { priority: 'critical' }), task(4)];
    expect(shown(columnsOf(read({ inbox }), new Map()), 'inbox').ids).toEqual([3, 2, 4, 1]);
  });

  it('count what was not read, too', () => {
    expect(
      shown(columnsOf(read({ done: [task(1, { status: 'done' })] }, { done: 900 }), new Map()), 'done').total,
    ).toBe(900);
  });

  it('show a task where it is being moved to', () => {
    const moves: Moves = new Map([[1, { task: task(1), to: 'done' as const }]]);
    const columns = columnsOf(read({ inbox: [task(1), task(2)] }), moves);
    expect([shown(columns, 'inbox'), shown(columns, 'done')]).toEqual([
      { ids: [2], total: 1 },
      { ids: [1], total: 1 },
    ]);
  });

  it('keep a task that neither column tells of while both are read again', () => {
    const moves: Moves = new Map([[1, { task: task(1), to: 'done' as const }]]);
    expect(shown(columnsOf(read({}), moves), 'done').ids).toEqual([1]);
  });

  it('show a task once, where it was last', () => {
    const later = task(1, { status: 'review', updated_at: 1_800_000_000 });
    const columns = columnsOf(read({ inbox: [task(1)], review: [later] }), new Map());
    expect([shown(columns, 'inbox').ids, shown(columns, 'review').ids]).toEqual([[], [1]]);
  });

  it('end at both sides', () => {
    expect([neighbour('inbox', -1), neighbour('inbox', 1), neighbour('failed', 1)]).toEqual([
      undefined,
      'assigned',
      undefined,
    ]);
  });
});

describe('a due date', () => {
  const now = 1_700_000_100_000;
  it('is overdue when it has passed and there is something left to do', () => {
    expect(isOverdue({ due_date: 1_700_000_000, status: 'review' }, now)).toBe(true);
    expect(isOverdue({ due_date: 1_700_000_000, status: 'done' }, now)).toBe(false);
    expect(isOverdue({ due_date: 1_700_000_200, status: 'inbox' }, now)).toBe(false);
    expect(isOverdue({ due_date: null, status: 'inbox' }, now)).toBe(false);
  });
});

describe('the form', () => {
  it('creates with what was filled in', () => {
    expect(creationOf({ ...NEW_TASK, title: ' Ship ' })).toEqual({ title: 'Ship', priority: 'medium' });
    expect(creationOf({ ...NEW_TASK, title: 'Ship', assignee: 'Ann', due: '2026-11-22T12:00' })).toEqual({
      title: 'Ship',
      priority: 'medium',
      assigned_to: 'Ann',
      due_date: new Date('2026-11-22T12:00').getTime() / 1000,
    });
  });

  it('sends nothing when nothing was changed, also of a due date with seconds', () => {
    const stored = draftOf(task(1, { due_date: 1_700_000_042, assigned_to: 'Ann', description: 'x' }));
    expect(changeOf(stored, { ...stored })).toEqual({});
  });

  it('clears what was emptied', () => {
    const stored = draftOf(task(1, { due_date: 1_700_000_040, assigned_to: 'Ann', description: 'x' }));
    const emptied = { ...stored, due: '', assignee: '', description: ' ' };
    expect(changeOf(stored, emptied)).toEqual({ due_date: null, assigned_to: null, description: null });
  });
});
