use muster_http::{openapi, routes};
use serde_json::Value;

#[test]
fn every_operation_is_described() {
    let surfaces = [muster_surface_mission::surface()];
    let document = openapi(&surfaces, "1");
    for line in routes(&surfaces) {
        let operation = &document["paths"][line.path][line.method.to_ascii_lowercase()];
        assert!(
            operation["summary"].as_str().is_some_and(|summary| summary.len() > 5),
            "{} {}",
            line.method,
            line.path
        );
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(property.get("description").is_some_and(Value::is_string), "{name}.{field} {property}");
        }
    }
}
