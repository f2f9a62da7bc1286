//! Who may do what, and what strangers are told.

use crate::support::{Answer, Host, Ran, Registry, is_about_local_mode, is_with_clerk, item};
use serde_json::{Value, json};

/// Why there is no signing in by links.
const LINKS: &str = "people sign in through Clerk, and not by links of the registry's own";

/// What whoever shows no proof is told to do.
fn advice() -> &'static str {
    if is_with_clerk() { "/settings/tokens" } else { "token create --scope" }
}

fn with_a_button() -> (Registry, Host, String) {
    let host = Host::start();
    host.repository("ui", &[item("acme-button")]);
    let registry = Registry::start();
    let id = registry.add_and_sync(&host.url("ui"));
    (registry, host, id)
}

/// The message of a refusal with this status and code.
fn refusal(answer: Answer, status: u16, code: &str) -> String {
    let body = answer.expect(status).json();
    assert_eq!(body["error"], code, "{body}");
    body["message"].as_str().expect("a message").to_owned()
}

#[test]
fn a_token_may_do_what_its_scope_says_and_is_told_which_scope_is_missing() {
    let (registry, host, id) = with_a_button();
    let (read, sync, admin) = (registry.token("read"), registry.token("sync"), registry.token("admin"));
    let ask_for_sync = |token: &str| {
        registry.ask("POST", "/api/internal/registry/sync").token(token).json(&json!({ "repoId": id })).send()
    };
    let register = |token: &str, name: &str| {
        host.repository(name, &[item(name)]);
        registry.ask("POST", "/api/internal/registry").token(token).json(&json!({ "url": host.url(name) })).send()
    };
    for token in [&read, &sync, &admin] {
        registry.ask("GET", "/r/acme-button.json").token(token).send().expect(200);
        registry.ask("GET", "/api/internal/registry").token(token).send().expect(200);
        registry.ask("GET", "/api/internal/components").token(token).send().expect(200);
    }
    let message = refusal(ask_for_sync(&read), 403, "missing_scope");
    assert!(message.contains("`read`") && message.contains("`sync`"), "{message}");
    ask_for_sync(&sync).expect(202);
    ask_for_sync(&admin).expect(202);
    for token in [&read, &sync] {
        let message = refusal(register(token, "one"), 403, "missing_scope");
        assert!(message.contains("`admin`"), "{message}");
    }
    let made = register(&admin, "two").expect(201).json();
    assert_eq!(made["name"], "two");
}

#[test]
fn a_token_that_is_malformed_unknown_or_of_another_kind_is_refused() {
    let (registry, _host, _) = with_a_button();
    let good = registry.token("read");
    let turned = |c: char| if c == 'x' { 'y' } else { 'x' };
    let last = good.chars().last().expect("not empty");
    let broken = format!("{}{}", &good[..good.len() - 1], turned(last));
    for header in [
        format!("Bearer {broken}"),
        "Bearer ekr_org_local_x".to_owned(),
        "Bearer ".to_owned(),
        "Basic YTpi".to_owned(),
        good.clone(),
    ] {
        for path in ["/r/acme-button.json", "/api/internal/registry"] {
            let answer = registry.ask("GET", path).with("authorization", &header).send().expect(401);
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            assert!(!answer.text().contains(&good), "a refusal repeats no secret");
        }
    }
    // Whoever gives a wrong proof is not let in as nobody.
    let (_, message) = registry.ask("GET", "/r/acme-button.json").token(&broken).send().expect(401).plain_error();
    assert!(message.contains("token"), "{message}");
}

#[test]
fn a_token_of_one_registry_opens_no_other() {
    let (registry, _host, _) = with_a_button();
    let (other, _other_host, _) = with_a_button();
    registry.ask("GET", "/r/acme-button.json").token(&other.token("admin")).send().expect(401);
}

#[test]
fn anyone_on_this_machine_may_install_but_no_one_behind_a_proxy() {
    let (registry, _host, _) = with_a_button();
    registry.get("/r/acme-button.json").expect(200);
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"] {
        let ask = || registry.ask("GET", "/r/acme-button.json").with(header, "203.0.113.7");
        let (code, message) = ask().send().expect(401).plain_error();
        assert_eq!(code, "unauthorized", "{header}");
        assert!(message.contains(advice()), "{message}");
        ask().token(&registry.token("read")).send().expect(200);
    }
    registry.get("/api/internal/registry").expect(401);
}

#[test]
fn the_dashboard_is_closed_to_strangers() {
    let (registry, _host, _) = with_a_button();
    for path in ["/registry", "/components", "/components/acme-button"] {
        let answer = registry.get(path).expect(401);
        assert!(answer.text().contains("<html"), "{path} is a page");
        assert!(!answer.text().contains("first acme-button"), "{path} shows nothing of the registry");
    }
}

#[test]
fn changes_that_another_sites_page_sends_are_refused() {
    let (registry, _host, id) = with_a_button();
    let cookie = registry.session();
    let body = json!({ "repoId": id });
    let ask = |origin: Option<&str>| {
        let asking = registry.ask("POST", "/api/internal/registry/sync").with("cookie", &cookie).json(&body);
        let asking = if let Some(origin) = origin { asking.with("origin", origin) } else { asking };
        asking.send()
    };
    for origin in [Some("https://evil.example"), Some("null"), Some("http://127.0.0.1:1"), None] {
        refusal(ask(origin), 403, "foreign_origin");
    }
    ask(Some(&registry.url)).expect(202);
}

#[test]
fn a_request_for_another_host_is_not_answered() {
    let (registry, _host, _) = with_a_button();
    for host in ["evil.example", "registry.example:3030", "127.0.0.1.evil.example"] {
        for path in ["/r/acme-button.json", "/login", "/health/live"] {
            let answer = registry.ask("GET", path).with("host", host).send();
            refusal(answer, 421, "wrong_host");
        }
    }
    registry.ask("GET", "/r/acme-button.json").with("host", "localhost").send().expect(200);
}

#[test]
fn a_sign_in_link_works_once_and_sets_a_cookie_that_scripts_and_other_sites_cannot_use() {
    if is_about_local_mode(LINKS) {
        return;
    }
    let registry = Registry::start();
    let path = registry.login.strip_prefix(&registry.url).expect("a link of its own").to_owned();
    let first = registry.get(&path).expect(303);
    assert_eq!(first.header("location"), "/");
    assert_eq!(first.header("cache-control"), "no-store");
    assert_eq!(first.header("referrer-policy"), "no-referrer");
    let cookie = first.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a cookie");
    registry.ask("GET", "/api/internal/registry").with("cookie", cookie).send().expect(200);

    let again = registry.get(&path).expect(303);
    assert!(again.header("location").starts_with("/login?error="), "{}", again.header("location"));
    assert_eq!(again.header("set-cookie"), "");
    let page = registry.get(again.header("location"));
    assert!(page.text().contains("login-link"), "the page says how to get another link");
}

#[test]
fn a_new_sign_in_link_can_be_made_beside_the_running_server() {
    if is_about_local_mode(LINKS) {
        return;
    }
    let registry = Registry::start();
    let made = registry.cli(["login-link", "--json"]).ok().json();
    let path = made["url"].as_str().and_then(|url| url.strip_prefix(&registry.url)).expect("a link of its own");
    assert_eq!(registry.get(path).expect(303).header("location"), "/");
}

#[test]
fn guessing_sign_in_links_is_stopped_after_a_few_tries() {
    if is_about_local_mode(LINKS) {
        return;
    }
    let registry = Registry::start();
    let guess = |nth: usize| registry.get(&format!("/login?t=guess-{nth}")).expect(303).header("location").to_owned();
    let told: Vec<String> = (0..6).map(guess).collect();
    assert_eq!(told[..5], ["/login?error=used"; 5]);
    assert_eq!(told[5], "/login?error=limited");
}

#[test]
fn a_form_for_what_is_no_repository_leads_to_those_there_are() {
    let registry = Registry::start();
    let cookie = registry.session();
    for form in ["sync", "webhook", "webhook/remove"] {
        let asked = registry.ask("POST", &format!("/registry/a%0Ab/{form}"));
        let answer = asked.with("cookie", &cookie).with("origin", &registry.url).send().expect(303);
        assert_eq!(answer.header("location"), "/registry", "{form}");
    }
}

#[test]
fn signing_out_ends_the_session() {
    if is_about_local_mode("Clerk ends its sessions; `organisations::leaving` has that") {
        return;
    }
    let registry = Registry::start();
    let cookie = registry.session();
    let look = || registry.ask("GET", "/api/internal/registry").with("cookie", &cookie).send();
    look().expect(200);
    registry.ask("POST", "/logout").with("cookie", &cookie).with("origin", &registry.url).send().expect(303);
    look().expect(401);
}

/// Every route of the `OpenAPI` document, with parameters filled in.
fn documented_routes(document: &Value) -> Vec<(String, String)> {
    let mut routes = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            if operation.get("responses").is_some() {
                routes.push((method.to_ascii_uppercase(), path.replace(['{', '}'], "")));
            }
        }
    }
    routes
}

#[test]
fn every_internal_route_of_the_document_refuses_strangers() {
    let registry = Registry::start();
    let document = registry.get("/openapi.json").expect(200).json();
    let routes = documented_routes(&document);
    // Git hosts have no token: their signature is the proof. See `webhooks`.
    let (by_signature, internal): (Vec<_>, Vec<_>) = routes
        .iter()
        .filter(|(_, path)| path.starts_with("/api/internal"))
        .partition(|(_, path)| path.starts_with("/api/internal/registry/webhook/"));
    assert!(internal.len() >= 12, "{internal:?}");
    for (method, path) in by_signature {
        refusal(registry.ask(method, path).json(&json!({})).send(), 404, "no_hook");
    }
    for (method, path) in internal {
        // As a page of ours would, so that nothing but the missing proof is refused.
        let asking = || registry.ask(method, path).with("origin", &registry.url);
        let answer = if matches!(method.as_str(), "GET" | "DELETE") {
            asking().send()
        } else {
            asking().json(&json!({})).send()
        };
        let message = refusal(answer, 401, "unauthorized");
        assert!(message.contains(advice()), "{method} {path}: {message}");
    }
}

#[test]
fn the_document_on_the_command_line_is_the_one_that_is_served() {
    let registry = Registry::start();
    let served = registry.get("/openapi.json").expect(200).json();
    assert_eq!(registry.cli(["openapi"]).ok().json(), served);
}

#[test]
fn health_is_told_to_anyone_and_unknown_routes_say_where_to_look() {
    let registry = Registry::start();
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(registry.get(path).expect(200).json(), json!({ "status": "ok" }));
    }
    let message = refusal(registry.get("/api/nothing"), 404, "no_route");
    assert!(message.contains("/openapi.json"), "{message}");
    assert!(registry.get("/no/such/page").expect(404).text().contains("<html"));
}

#[test]
fn binding_beyond_this_machine_is_refused() {
    if is_about_local_mode("where people sign in through Clerk a server may listen to everyone") {
        return;
    }
    let offline = crate::support::Offline::new();
    for address in ["0.0.0.0:0", "[::]:0"] {
        let message = Ran::of(offline.command(["serve", "--json", "--listen", address])).refused();
        assert!(message.contains("refusing to listen"), "{message}");
    }
}

#[test]
fn over_https_the_cookie_is_for_this_host_alone_and_never_sent_in_the_clear() {
    if is_about_local_mode(LINKS) {
        return;
    }
    let registry = Registry::start_with(&[("EKAIROS_PUBLIC_URL", "https://registry.example")]);
    let path = registry.login.strip_prefix("https://registry.example").expect("a link at the public address");
    let cookie = registry.get(path).expect(303).header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-ekr_sid="), "{cookie}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain="), "{cookie}");
    let cookie = cookie.split(';').next().expect("a cookie");
    registry.ask("GET", "/api/internal/registry").with("cookie", cookie).send().expect(200);
    // One that a sister site could have set means nothing.
    let weak = cookie.trim_start_matches("__Host-");
    registry.ask("GET", "/api/internal/registry").with("cookie", weak).send().expect(401);
}

#[test]
fn signing_in_makes_a_session_of_its_own_whatever_cookie_came_along() {
    if is_about_local_mode(LINKS) {
        return;
    }
    let registry = Registry::start();
    let first = registry.session();
    let link = registry.cli(["login-link", "--json"]).ok().json();
    let path = link["url"].as_str().and_then(|url| url.strip_prefix(&registry.url)).expect("a link of its own");
    let answer = registry.ask("GET", path).with("cookie", &first).send().expect(303);
    let second = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    assert_ne!(first, second);
    let look = |cookie: &str| registry.ask("GET", "/api/internal/registry").with("cookie", cookie).send().status;
    assert_eq!((look(&first), look(&second)), (401, 200), "the session from before is over");
    // Nor is one taken that was made up.
    let link = registry.cli(["login-link", "--json"]).ok().json();
    let path = link["url"].as_str().and_then(|url| url.strip_prefix(&registry.url)).expect("a link of its own");
    let planted = "ekr_sid=AAAAAAAAAAAAAAAAAAAAAA";
    let answer = registry.ask("GET", path).with("cookie", planted).send().expect(303);
    assert_ne!(answer.header("set-cookie").split(';').next(), Some(planted));
    assert_eq!(look(planted), 401);
}

#[test]
fn pages_run_own_scripts_only_and_styles_by_no_line_of_their_own() {
    let registry = Registry::start();
    let cookie = registry.session();
    for path in ["/registry", "/settings", "/settings/tokens", "/settings/audit", "/login", "/no/such/page"] {
        let page = registry.ask("GET", path).with("cookie", &cookie).send();
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'nonce-"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        for rest in ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(rest), "{path}: {policy}");
        }
        assert!(!page.text().contains(" style=\""), "{path} has a style that the policy forbids");
    }
    let nonce = |path: &str| {
        let page = registry.ask("GET", path).with("cookie", &cookie).send();
        let policy = page.header("content-security-policy").to_owned();
        policy.split('\'').find(|part| part.starts_with("nonce-")).expect("a nonce").to_owned()
    };
    assert_ne!(nonce("/settings"), nonce("/settings"), "a fresh one each time");
}
