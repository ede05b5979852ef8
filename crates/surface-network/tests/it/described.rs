use muster_http::{openapi, routes};
use serde_json::Value;

#[test]
fn every_operation_is_described() {
    let surfaces = [muster_surface_network::surface()];
    let document = openapi(&surfaces, "1");
    for line in routes(&surfaces) {
        let operation = &document["paths"][line.path][line.method.to_ascii_lowercase()];
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(summary.len() > 5, "{} {}", line.method, line.path);
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_query = parameter["in"] == "query";
            assert!(!is_query || parameter["description"].is_string(), "{} {parameter}", line.path);
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(name.starts_with("Network"), "{name}");
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(property.get("description").is_some_and(Value::is_string), "{name}.{field} {property}");
        }
    }
}
