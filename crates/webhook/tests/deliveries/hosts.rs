//! What each host sends when refs move.

use crate::support::{NEW, OLD, TAG_OBJECT, ZERO, changes, event, sent};
use serde_json::json;
use webhook::{Event, Host};

/// The three hosts whose bodies are GitHub's.
const ALIKE: [Host; 3] = [Host::GitHub, Host::Gitea, Host::Forgejo];

/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#push>
#[test]
fn a_push_names_its_branch_and_where_that_went() {
    for host in ALIKE {
        let body = json!({ "ref": "refs/heads/main", "before": OLD, "after": NEW, "head_commit": { "id": NEW }, "commits": [] });
        assert_eq!(changes(&event(host, "push", &body)), ["refs/heads/main 1111111 2222222"]);
        let made = json!({ "ref": "refs/heads/a/b", "before": ZERO, "after": NEW, "created": true });
        assert_eq!(changes(&event(host, "push", &made)), ["refs/heads/a/b none 2222222"]);
        let gone =
            json!({ "ref": "refs/heads/old", "before": OLD, "after": ZERO, "deleted": true, "head_commit": null });
        assert_eq!(changes(&event(host, "push", &gone)), ["refs/heads/old 1111111 none"]);
    }
}

#[test]
fn an_annotated_tag_stands_for_its_commit_where_the_host_tells_it() {
    let body = json!({ "ref": "refs/tags/v1", "before": ZERO, "after": TAG_OBJECT, "head_commit": { "id": NEW } });
    for host in ALIKE {
        assert_eq!(changes(&event(host, "push", &body)), ["refs/tags/v1 none 2222222"]);
    }
    let body = json!({ "ref": "refs/tags/v1", "before": ZERO, "after": TAG_OBJECT, "checkout_sha": NEW });
    assert_eq!(changes(&event(Host::GitLab, "Tag Push Hook", &body)), ["refs/tags/v1 none 2222222"]);
}

/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#create>, `#delete`
#[test]
fn branches_and_tags_that_are_made_or_deleted_are_changes_too() {
    let made = json!({ "ref": "feature/x", "ref_type": "branch", "master_branch": "main" });
    let gone = json!({ "ref": "v1", "ref_type": "tag", "pusher_type": "user" });
    for host in ALIKE {
        assert_eq!(changes(&event(host, "create", &made)), ["refs/heads/feature/x none somewhere"]);
        assert_eq!(changes(&event(host, "delete", &gone)), ["refs/tags/v1 somewhere none"]);
    }
    // Gitea and Forgejo tell where it is: https://docs.gitea.com/usage/repository/webhooks
    let made = json!({ "ref": "v1", "ref_type": "tag", "sha": NEW });
    assert_eq!(changes(&event(Host::Gitea, "create", &made)), ["refs/tags/v1 none 2222222"]);
}

/// <https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events>
#[test]
fn gitlab_tells_branches_and_tags_apart_by_event() {
    let body =
        json!({ "object_kind": "push", "ref": "refs/heads/main", "before": OLD, "after": NEW, "checkout_sha": NEW });
    assert_eq!(changes(&event(Host::GitLab, "Push Hook", &body)), ["refs/heads/main 1111111 2222222"]);
    let gone =
        json!({ "object_kind": "tag_push", "ref": "refs/tags/v1", "before": OLD, "after": ZERO, "checkout_sha": null });
    assert_eq!(changes(&event(Host::GitLab, "Tag Push Hook", &gone)), ["refs/tags/v1 1111111 none"]);
}

/// <https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/#Push>
#[test]
fn bitbucket_cloud_tells_all_refs_of_a_push_at_once() {
    let branch = |hash: &str| json!({ "type": "branch", "name": "main", "target": { "type": "commit", "hash": hash } });
    let tag = json!({ "type": "tag", "name": "v1", "target": { "type": "commit", "hash": NEW } });
    let bookmark = json!({ "type": "bookmark", "name": "b", "target": { "hash": NEW } });
    let body = json!({ "push": { "changes": [
        { "old": branch(OLD), "new": branch(NEW), "created": false, "closed": false, "forced": false },
        { "old": null, "new": tag, "created": true, "closed": false },
        { "old": tag, "new": null, "created": false, "closed": true },
        { "old": null, "new": bookmark },
    ] } });
    let told = changes(&event(Host::BitbucketCloud, "repo:push", &body));
    assert_eq!(told, ["refs/heads/main 1111111 2222222", "refs/tags/v1 none 2222222", "refs/tags/v1 2222222 none"]);
}

/// <https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html#Eventpayload-Push>
#[test]
fn bitbucket_data_center_tells_full_names() {
    let change = |id: &str, from: &str, to: &str, kind: &str| json!({ "ref": { "id": id, "displayId": id, "type": "BRANCH" }, "refId": id, "fromHash": from, "toHash": to, "type": kind });
    let body = json!({ "eventKey": "repo:refs_changed", "changes": [
        change("refs/heads/main", OLD, NEW, "UPDATE"),
        change("refs/tags/v1", ZERO, NEW, "ADD"),
        change("refs/heads/old", OLD, ZERO, "DELETE"),
        change("refs/pull-requests/1/from", OLD, NEW, "UPDATE"),
    ] });
    let told = changes(&event(Host::BitbucketServer, "repo:refs_changed", &body));
    assert_eq!(told, ["refs/heads/main 1111111 2222222", "refs/tags/v1 none 2222222", "refs/heads/old 1111111 none"]);
}

#[test]
fn a_ping_is_a_ping_whatever_its_body() {
    for body in ["{\"zen\":\"Keep it logically awesome.\"}", "{\"test\":true}", "", "{"] {
        assert_eq!(sent(Host::GitHub, "ping", body).event(), Event::Ping);
        assert_eq!(sent(Host::BitbucketServer, "diagnostics:ping", body).event(), Event::Ping);
    }
}

#[test]
fn events_that_move_no_branch_or_tag_are_ignored_by_name_and_unread() {
    for (host, name) in [
        (Host::GitHub, "issues"),
        (Host::GitHub, "repository"),
        (Host::GitHub, "Push Hook"),
        (Host::GitLab, "System Hook"),
        (Host::GitLab, "push"),
        (Host::Gitea, "repository"),
        (Host::Forgejo, "release"),
        (Host::BitbucketCloud, "repo:updated"),
        (Host::BitbucketCloud, "repo:refs_changed"),
        (Host::BitbucketServer, "repo:modified"),
    ] {
        assert_eq!(sent(host, name, "not JSON").event(), Event::Ignored(name.to_owned()), "{host}");
    }
    let pull = json!({ "ref": "refs/pull/1/head", "before": OLD, "after": NEW });
    assert_eq!(event(Host::GitHub, "push", &pull), Event::Ignored("push".to_owned()));
    let none = json!({ "push": { "changes": [] } });
    assert_eq!(event(Host::BitbucketCloud, "repo:push", &none), Event::Ignored("repo:push".to_owned()));
}

#[test]
fn a_form_carries_the_json_in_its_payload() {
    let json = json!({ "ref": "refs/heads/main", "before": OLD, "after": NEW }).to_string();
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("payload", &json).finish();
    let mut form = sent(Host::GitHub, "push", form);
    form.set("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    assert_eq!(changes(&form.event()), ["refs/heads/main 1111111 2222222"]);
    let mut empty = sent(Host::GitHub, "push", "other=1");
    empty.set("content-type", "application/x-www-form-urlencoded");
    assert!(empty.read().unwrap_err().to_string().contains("without the field `payload`"));
}
