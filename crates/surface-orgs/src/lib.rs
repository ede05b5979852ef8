//! The orgs dialect, `/v1/orgs/{org}/...`: bare items, `{"data": [...]}` lists, dot-namespaced error codes. It is also
//! the style of every resource that no other dialect covers.

mod agent_tokens;
mod agents;
mod api_keys;
mod connectors;
mod conversations;
mod errors;
mod events;
mod inspector;
mod links;
mod org;
mod overview;
mod turns;
mod users;
mod versions;
mod views;

use muster_http::{Limits, Surface};

/// The surface with all of its operations.
pub fn surface() -> Surface {
    Surface::new("orgs", errors::render)
        .title("Orgs: agents, conversations, turns, events, keys and users of an org.")
        .owns("/v1/orgs")
        .limits(Limits::split(1000, 300))
        .errors::<errors::ErrorBody>()
        .route(org::GET, org::show)
        .route(org::PATCH, org::change)
        .route(overview::GET, overview::show)
        .route(agents::LIST, agents::list)
        .route(agents::GET, agents::show)
        .route(versions::LIST, versions::list)
        .route(versions::GET, versions::show)
        .route(versions::RESTORE, versions::restore)
        .route(conversations::LIST, conversations::list)
        .route(conversations::READ, conversations::mark_read)
        .route(turns::LIST, turns::list)
        .route(turns::GET, turns::show)
        .route(turns::CANCEL, turns::cancel)
        .route(events::LIST, events::list)
        .route(events::VERIFY, events::verify)
        .route(api_keys::LIST, api_keys::list)
        .route(api_keys::CREATE, api_keys::create)
        .route(api_keys::GET, api_keys::show)
        .route(api_keys::CHANGE, api_keys::change)
        .route(api_keys::DELETE, api_keys::remove)
        .route(links::LIST, links::list)
        .route(agent_tokens::LIST, agent_tokens::list)
        .route(agent_tokens::CREATE, agent_tokens::create)
        .route(agent_tokens::DELETE, agent_tokens::remove)
        .route(connectors::TYPES, connectors::types)
        .route(connectors::LIST, connectors::list)
        .route(connectors::CREATE, connectors::create)
        .route(connectors::GET, connectors::show)
        .route(connectors::CHANGE, connectors::change)
        .route(connectors::DELETE, connectors::remove)
        .route(connectors::TEST, connectors::test)
        .route(connectors::RESOURCES, connectors::resources)
        .route(connectors::QUERY, connectors::query)
        .route(connectors::GRANTS, connectors::grants)
        .route(connectors::SET_GRANTS, connectors::set_grants)
        .route(users::LIST, users::list)
        .route(users::CREATE, users::create)
        .route(users::GET, users::show)
        .route(users::CHANGE, users::change)
        .route(users::DELETE, users::remove)
}
