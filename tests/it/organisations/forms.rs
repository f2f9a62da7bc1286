//! Forms of people whose session or organisation is another one by the time they
//! send them: nothing is done that they did not mean, and nothing typed is lost.

use super::{ACME, BETA, Neighbours};
use crate::support::{Deployment, Visitor};
use clerk::InstanceKind;
use std::time::Duration;

/// The forms of a page that change something, each with what is in it.
fn forms(page: &str) -> Vec<&str> {
    let forms = page.split("<form").skip(1).map(|rest| rest.split("</form>").next().expect("a text has a beginning"));
    let changes = |form: &&str| form.split('>').next().is_some_and(|tag| tag.contains("method=\"post\""));
    // Signing out and the language are for all organisations; a sync names a repository, which is in one.
    let of_all = ["action=\"/logout\"", "action=\"/language\"", "/sync\""];
    forms.filter(changes).filter(|form| !of_all.iter().any(|part| form.contains(part))).collect()
}

#[test]
fn every_form_says_for_which_organisation_it_was_made() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let [repository, _] = &neighbours.repositories;
    let ann = deployment.visitor("user_ann", Some(ACME));
    ann.send_form("/names?tab=aliases", &[("name", "old-card"), ("to", "card")]).page(200);
    ann.send_form(&format!("/registry/{repository}/webhook"), &[]).page(200);
    let of_repository = |rest: &str| format!("/registry/{repository}{rest}");
    for path in [
        "/registry/new".to_owned(),
        "/hand/new".to_owned(),
        "/names?tab=aliases".to_owned(),
        "/settings/tokens".to_owned(),
        of_repository("?tab=settings"),
        of_repository("/namespace"),
        of_repository("/remove"),
        of_repository("/webhook"),
    ] {
        let page = ann.open(&path).expect(200);
        let forms = forms(page.text());
        assert!(!forms.is_empty(), "{path} has forms");
        for form in forms {
            assert!(form.contains("name=\"rendered-for\" value=\"org_acme\""), "{path}: {form}");
        }
    }
}

/// What a form for a token sends.
const TOKEN: [(&str, &str); 3] = [("name", "typed-name"), ("scope", "read"), ("expires", "never")];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    TOKEN.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn a_form_that_was_made_for_another_organisation_is_given_back_and_does_nothing() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    deployment.clerk.user("user_both", "Bo", &[(ACME, "org:admin"), (BETA, "org:admin")]);
    deployment.clerk.organization("org_secret", "Top Secret", serde_json::json!({}));
    let bo = deployment.visitor("user_both", Some(BETA));
    let page = bo.send_form("/settings/tokens", &with(&[("rendered-for", ACME)])).page(409);
    for part in [
        "The organisation changed",
        "typed-name",
        "Send it to Acme",
        "Send it to Beta",
        "/organisations/org_acme/enter",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Of one that is not theirs nothing is told.
    let page = bo.send_form("/settings/tokens", &with(&[("rendered-for", "org_secret")])).page(409);
    assert!(!page.contains("Top Secret") && page.contains("Send it to Beta"), "{page}");
    let page = bo.send_form("/settings/tokens", &with(&[("rendered-for", "\"><script>alert(1)</script>")])).page(409);
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(neighbours.databases.iter().all(|database| database.rows("registry_tokens").is_empty()));
    let made = bo.send_form("/settings/tokens", &with(&[("rendered-for", BETA)])).page(201);
    assert!(made.contains("ekr_org_beta_"), "{made}");
    assert_eq!(neighbours.databases.each_ref().map(|database| database.rows("registry_tokens").len()), [0, 1]);
}

/// An hour passes for a browser, whose session token is that old now.
fn an_hour_later(deployment: &Deployment, visitor: &Visitor, session: &str) {
    let old = deployment.clerk.token(session, Some(&deployment.url), Duration::from_hours(1)).expect("a session");
    visitor.change("__session", |_| old.clone());
    visitor.change("__client_uat", |since| (since.parse::<i64>().expect("seconds") - 3700).to_string());
}

#[test]
fn a_form_whose_session_cannot_be_renewed_is_given_back_and_taken_when_it_is() {
    for kind in [InstanceKind::Production, InstanceKind::Development] {
        let neighbours = Neighbours::settle(kind);
        let deployment = &neighbours.deployment;
        let signed_in = deployment.clerk.sign_in("user_ann", Some(ACME), &deployment.url);
        let ann = deployment.stranger();
        for pair in signed_in.cookies.split("; ") {
            ann.keep(pair);
        }
        ann.keep(&format!("__client={}", signed_in.browser));
        an_hour_later(deployment, &ann, &signed_in.session);
        let refused = ann.send_form("/settings/tokens", &with(&[("rendered-for", ACME)]));
        assert_eq!(refused.way.len(), 1, "no redirect loses the form: {:#?}", refused.way);
        assert_eq!(refused.answer.header("refresh"), "", "it does not go by itself");
        let page = refused.page(401);
        for part in [
            "Your session has to be renewed",
            "href=\"/signed-in\" target=\"_blank\"",
            "name=\"name\" value=\"typed-name\"",
            "name=\"expires\" value=\"never\"",
            "name=\"rendered-for\" value=\"org_acme\"",
            "action=\"/settings/tokens\"",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(neighbours.databases[0].rows("registry_tokens").is_empty(), "nothing was done");
        // In another tab.
        let renewed = ann.visit("/signed-in");
        assert!(renewed.way.iter().any(|step| step.contains("/v1/client/handshake")), "{:#?}", renewed.way);
        assert!(renewed.page(200).contains("send it again"));
        let made = ann.send_form("/settings/tokens", &with(&[("rendered-for", ACME)])).page(201);
        assert!(made.contains("ekr_org_acme_"), "{made}");
    }
}

#[test]
fn a_secret_that_was_typed_is_not_shown_again() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let path = format!("/registry/{}/credential", neighbours.repositories[0]);
    let page = deployment.stranger().send_form(&path, &[("username", "typed-user"), ("token", "canary")]).page(401);
    assert!(page.contains("typed-user") && !page.contains("canary"), "{page}");
    assert!(page.contains("name=\"token\" type=\"password\""), "{page}");
}

#[test]
fn a_member_is_not_offered_what_they_may_not_do_and_is_told_who_may() {
    let neighbours = Neighbours::settle(InstanceKind::Production);
    let deployment = &neighbours.deployment;
    let [repository, _] = &neighbours.repositories;
    let (ann, abe) = (deployment.visitor("user_ann", Some(ACME)), deployment.visitor("user_abe", Some(ACME)));
    let of_repository = |rest: &str| format!("/registry/{repository}{rest}");
    for (path, offered) in [
        ("/registry".to_owned(), "Add repository"),
        ("/components".to_owned(), "New component"),
        ("/names?tab=aliases".to_owned(), "Add alias"),
        ("/settings".to_owned(), "href=\"/settings/tokens\""),
        (of_repository(""), "tab=settings"),
    ] {
        assert!(ann.open(&path).expect(200).text().contains(offered), "{path}");
        let page = abe.open(&path).expect(200);
        assert!(!page.text().contains(offered), "{path}: {}", page.text());
        assert!(forms(page.text()).is_empty(), "{path}: {}", page.text());
    }
    for path in ["/names?tab=aliases", "/settings"] {
        assert!(abe.open(path).expect(200).text().contains("Administrators of your organisation can"), "{path}");
    }
    // What is asked for all the same is refused on a page that says who can help.
    let refused = abe.send_form("/settings/tokens", &TOKEN);
    assert!(refused.page(403).contains("An administrator of your organisation can change your role"));
    // Syncs are for all members.
    assert!(abe.open(&of_repository("")).expect(200).text().contains("/sync\""));
}
