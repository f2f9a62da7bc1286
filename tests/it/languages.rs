//! The dashboard's languages.

use crate::support::{Host, Registry, item};

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn a_page_speaks_the_language_that_the_browser_prefers_or_that_was_chosen() {
    let host = Host::start();
    host.repository("ui", &[item("button")]);
    let registry = Registry::start();
    registry.add_and_sync(&host.url("ui"));
    let page = |accept: &str, cookie: &str| {
        let asked = registry.as_admin("GET", "/components").with("accept", "text/html");
        let answer = asked.with("accept-language", accept).with("cookie", cookie).send().expect(200);
        let varies = answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok());
        assert!(varies.flat_map(|value| value.split(", ")).any(|name| name == "Accept-Language"));
        answer.text().to_owned()
    };
    let english = page("fr", "");
    assert!(english.contains("<html lang=\"en\"") && english.contains(">Repositories<"));
    let spanish = page("es-AR,es;q=0.9,en;q=0.8", "");
    assert!(spanish.contains("<html lang=\"es\"") && spanish.contains(">Repositorios<"));
    assert!(page("en", "language=es").contains("<html lang=\"es\""));

    // The switch keeps the choice and leads back to where it stands.
    let chosen = registry
        .ask("POST", "/language")
        .with("origin", &registry.url)
        .with("referer", &format!("{}/components?q=a", registry.url))
        .text(FORM, "language=es")
        .send()
        .expect(303);
    assert_eq!(chosen.header("location"), "/components?q=a");
    assert!(chosen.header("set-cookie").starts_with("language=es; Path=/; Max-Age="));
    // What is no language changes nothing.
    let odd =
        registry.ask("POST", "/language").with("origin", &registry.url).text(FORM, "language=xx").send().expect(303);
    assert_eq!(odd.header("set-cookie"), "");
    // A page of another site cannot choose.
    registry
        .ask("POST", "/language")
        .with("origin", "https://evil.example")
        .text(FORM, "language=es")
        .send()
        .expect(403);
}
