import { gistOf, type QueryDraft } from './useQueryDraft';

/** Questions that were asked before in this window. */
export function RecentMenu({ asked, onChoose }: { asked: QueryDraft[]; onChoose: (draft: QueryDraft) => void }) {
  if (asked.length === 0) return null;
  return (
    <select
      className="input recent"
      aria-label="Recent queries"
      value=""
      onChange={(event) => {
        const chosen = asked[Number(event.target.value)];
        if (chosen) onChoose(chosen);
      }}
    >
      <option value="">Recent…</option>
      {asked.map((draft, index) => (
        <option key={index} value={index}>
          {gistOf(draft)}
        </option>
      ))}
    </select>
  );
}
