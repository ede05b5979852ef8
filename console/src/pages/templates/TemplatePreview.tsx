import type { Template } from '../../api/types';
import { Fact } from '../../ui/Facts';
import { bundleOf, type Bundle } from './bundle';

/** All that is in a template: role, model, tools, sandbox and soul. */
export function TemplatePreview({ template }: { template: Template }) {
  const bundle = bundleOf(template.config);
  return (
    <div className="template-preview">
      <dl className="facts" aria-label={`What ${template.name} consists of`}>
        <Fact name="Role">{template.role}</Fact>
        <Fact name="Model">{bundle.model ? <span className="mono">{bundle.model}</span> : 'the server’s default'}</Fact>
        <Fact name="Sandbox">{sandboxOf(bundle)}</Fact>
        <Fact name="Tools">
          <Tools {...bundle} />
        </Fact>
      </dl>
      <pre className="template-text" tabIndex={0} aria-label={`Soul of ${template.name}`}>
        {template.soul_content}
      </pre>
    </div>
  );
}

function Tools({ allow, deny }: Bundle) {
  if (allow.length === 0 && deny.length === 0) return 'all that there are';
  return (
    <ul className="template-tools">
      {allow.map((name) => (
        <li key={name}>{name}</li>
      ))}
      {deny.map((name) => (
        <li key={`not ${name}`}>not {name}</li>
      ))}
    </ul>
  );
}

function sandboxOf({ cpu, memory, quota }: Bundle): string {
  const parts = [cpu && `${cpu} CPU`, memory && `${memory} of memory`, quota && `${quota} of workspace`];
  return parts.filter(Boolean).join(', ') || 'as the server has it';
}
