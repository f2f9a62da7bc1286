use crate::{Host, name, remote};
use git::{Address, Credentials, Fetch, GitError, Repository, testing::Reply};
use net::{NetError, Secret};

#[test]
fn a_first_fetch_brings_branches_tags_and_their_objects() {
    let host = Host::new();
    let first = host.ui.write("a.txt", "one").commit("Begin");
    host.ui.tag("v1").annotated_tag("v1.0").branch("next");
    let second = host.ui.write("b/c.txt", "two").commit("More");
    let mut mirror = host.mirror();
    let refs = host.refresh(&mut mirror).unwrap();
    assert!(refs.fetched);
    assert_eq!(refs.default_branch, Some(name("main")));
    assert_eq!(refs.head(), Some((&name("main"), &second)));
    assert_eq!(refs.branches[&name("next")], first);
    assert_eq!((&refs.tags[&name("v1")], &refs.tags[&name("v1.0")]), (&first, &first));
    assert_eq!(refs.skipped, []);
    let tree = mirror.tree(&second).unwrap();
    let entry = tree.lookup("b/c.txt").unwrap().found().unwrap();
    assert_eq!(tree.read(entry.id, 10).unwrap(), b"two");
    let commit = mirror.commit(&second).unwrap();
    assert_eq!((commit.summary(), commit.author.as_str(), commit.parents.as_slice()), ("More", "Ada", &[first][..]));
    assert_eq!(mirror.resolve_prefix(&second.as_str()[..9]).unwrap(), Some(second));
    assert_eq!(mirror.resolve_prefix("0000000").unwrap(), None);
}

#[test]
fn without_a_change_only_refs_are_asked_for() {
    let host = Host::with_commit();
    let mut mirror = host.mirror();
    let first = host.refresh(&mut mirror).unwrap();
    host.requests();
    let second = host.refresh(&mut mirror).unwrap();
    assert_eq!(host.requests(), ["GET info/refs", "POST git-upload-pack"]);
    assert!(!second.fetched);
    assert_eq!(first.branches, second.branches);
    // A process that starts anew finds the mirror as it was.
    drop(mirror);
    assert!(!host.refresh(&mut host.mirror()).unwrap().fetched);
}

#[test]
fn a_look_tells_whether_a_refresh_would_find_something_new() {
    let host = Host::with_commit();
    let seen = host.refresh(&mut host.mirror()).unwrap().state;
    host.requests();
    assert_eq!(host.look(), seen);
    assert_eq!(host.requests(), ["GET info/refs", "POST git-upload-pack"]);
    let first = host.ui.head();
    let second = host.ui.write("a.txt", "two").commit("Change");
    let changed = host.look();
    assert_ne!(changed, seen);
    assert_eq!(host.refresh(&mut host.mirror()).unwrap().state, changed);
    // A force-push back, a tag, another default branch: each is a change.
    host.ui.force_reset(&first);
    assert_eq!(host.look(), seen);
    host.ui.force_reset(&second).tag("v1");
    let tagged = host.look();
    assert_ne!(tagged, changed);
    host.ui.branch("next");
    let branched = host.look();
    host.ui.git(&["symbolic-ref", "HEAD", "refs/heads/next"]);
    assert_ne!(host.look(), branched);
    assert_ne!(branched, tagged);
}

#[test]
fn a_look_at_a_local_repository_reads_its_refs() {
    let host = Host::with_commit();
    let address = Address::parse(&host.ui.folder().display().to_string(), true).unwrap();
    let look = || git::look(&address, &Fetch::new(&host.client)).unwrap();
    let seen = look();
    assert_eq!(look(), seen);
    host.ui.write("a.txt", "two").commit("Change");
    assert_ne!(look(), seen);
}

#[test]
fn a_host_without_version_2_is_asked_once_when_nothing_changed() {
    let host = Host::with_commit();
    host.server.without_version_2();
    let mut mirror = host.mirror();
    let refs = host.refresh(&mut mirror).unwrap();
    assert_eq!(refs.default_branch, Some(name("main")));
    host.requests();
    assert!(!host.refresh(&mut mirror).unwrap().fetched);
    assert_eq!(host.requests(), ["GET info/refs"]);
}

#[test]
fn new_commits_force_pushes_and_moved_tags_arrive() {
    let host = Host::with_commit();
    let first = host.ui.head();
    host.ui.tag("latest");
    let mut mirror = host.mirror();
    host.refresh(&mut mirror).unwrap();

    let second = host.ui.write("a.txt", "two").commit("Change");
    host.ui.tag("latest");
    let refs = host.refresh(&mut mirror).unwrap();
    assert_eq!((&refs.branches[&name("main")], &refs.tags[&name("latest")]), (&second, &second));

    let forced = host.ui.force_reset(&first).write("a.txt", "three").commit("Instead");
    let refs = host.refresh(&mut mirror).unwrap();
    assert_eq!(refs.branches[&name("main")], forced);
    assert_eq!(mirror.refs().unwrap().branches, refs.branches);
}

#[test]
fn what_the_host_deletes_is_gone_here() {
    let host = Host::with_commit();
    host.ui.branch("a").branch("keep").tag("v1");
    let mut mirror = host.mirror();
    host.refresh(&mut mirror).unwrap();
    host.ui.delete_branch("a").delete_tag("v1").branch("a/b");
    let refs = host.refresh(&mut mirror).unwrap();
    let names: Vec<&str> = refs.branches.keys().map(AsRef::as_ref).collect();
    assert_eq!((names.as_slice(), refs.tags.len()), (&["a/b", "keep", "main"][..], 0));
    assert_eq!(mirror.refs().unwrap().branches, refs.branches);
}

#[test]
fn the_default_branch_is_the_hosts_own() {
    let host = Host::with_commit();
    host.ui.branch("trunk").checkout("trunk");
    let refs = host.refresh(&mut host.mirror()).unwrap();
    assert_eq!(refs.default_branch, Some(name("trunk")));
}

#[test]
fn pull_request_refs_are_left_behind() {
    let host = Host::with_commit();
    host.ui.git(&["update-ref", "refs/pull/1/head", "HEAD"]);
    let refs = host.refresh(&mut host.mirror()).unwrap();
    assert_eq!((refs.branches.len(), refs.tags.len(), refs.skipped.len()), (1, 0, 0));
}

#[test]
fn a_tag_on_something_else_than_a_commit_is_named() {
    let host = Host::with_commit();
    let blob = host.ui.git(&["rev-parse", "HEAD:a.txt"]);
    host.ui.git(&["tag", "odd", &blob]);
    let refs = host.refresh(&mut host.mirror()).unwrap();
    assert_eq!(refs.skipped[0].name, "refs/tags/odd");
}

#[test]
fn an_empty_repository_says_so() {
    let host = Host::new();
    assert!(matches!(host.refresh(&mut host.mirror()), Err(GitError::Empty { .. })));
    host.server.without_version_2();
    assert!(matches!(host.refresh(&mut host.mirror()), Err(GitError::Empty { .. })));
}

#[test]
fn credentials_open_what_asks_for_them_and_are_never_told() {
    let wrong = Credentials { username: "me".into(), password: Secret::new("wrong-canary") };
    let right = Credentials { username: "me".into(), password: Secret::new("canary") };
    let host = Host::with_commit();
    host.server.require("me", "canary");
    let mut mirror = host.mirror();
    assert!(matches!(host.refresh(&mut mirror), Err(GitError::AuthenticationNeeded { .. })));
    let error = host.refresh_with(&mut mirror, |fetch| fetch.credentials = Some(&wrong)).unwrap_err();
    assert!(matches!(error, GitError::AuthenticationFailed { status: 401, .. }));
    assert!(!format!("{error} {error:?}").contains("canary"));
    assert!(!format!("{right:?}").contains("canary"));
    host.refresh_with(&mut mirror, |fetch| fetch.credentials = Some(&right)).unwrap();
    let kept = std::fs::read_to_string(host.folder.path().join("mirrors/ui/mirror.git/config")).unwrap();
    assert!(!kept.contains("canary") && !kept.contains("127.0.0.1"), "{kept}");
}

#[test]
fn a_missing_repository_and_one_that_vanished_are_told_apart() {
    let host = Host::with_commit();
    assert!(matches!(host.refresh(&mut host.mirror_of("nobody")), Err(GitError::NotFound { .. })));
    let mut mirror = host.mirror();
    host.refresh(&mut mirror).unwrap();
    std::fs::rename(host.ui.folder(), host.folder.path().join("away")).unwrap();
    assert!(matches!(host.refresh(&mut mirror), Err(GitError::Vanished { .. })));
    assert_eq!(mirror.refs().unwrap().branches.len(), 1);
}

#[test]
fn statuses_and_content_types_have_their_own_errors() {
    let host = Host::with_commit();
    let mut mirror = host.mirror();
    let mut answer = |reply: Reply| {
        host.server.answer_with(move |_| Some(reply.clone()));
        host.refresh(&mut mirror).unwrap_err()
    };
    assert!(matches!(answer(Reply::Body("text/html", b"<html>".into())), GitError::NotGit { .. }));
    assert!(matches!(answer(Reply::Body("text/plain", b"0123\trefs/heads/main".into())), GitError::NotGit { .. }));
    assert!(matches!(answer(Reply::Status(403)), GitError::Forbidden { .. }));
    assert!(matches!(answer(Reply::Status(410)), GitError::NotFound { .. }));
    assert!(answer(Reply::Status(503)).is_transient());
}

#[test]
fn a_redirect_is_followed_on_the_same_host_alone() {
    let host = Host::with_commit();
    host.server.answer_with(|request| {
        let rest = request.path.strip_prefix("/moved/")?;
        Some(Reply::Redirect(format!("/ui/{rest}?{}", request.query)))
    });
    let refs = host.refresh(&mut host.mirror_of("moved")).unwrap();
    assert_eq!(refs.branches.len(), 1);
    assert!(refs.moved_to.as_deref().is_some_and(|place| place.ends_with("/ui")), "{:?}", refs.moved_to);
    for target in [
        "http://127.0.0.2/ui/info/refs",
        "https://127.0.0.1/ui/info/refs",
        "http://127.0.0.1:1/x",
        "//evil.example/x",
        "http://me:x@127.0.0.1/x",
    ] {
        host.server.answer_with(move |_| Some(Reply::Redirect(target.to_owned())));
        let error = host.refresh(&mut host.mirror_of("moved")).unwrap_err();
        assert!(matches!(error, GitError::Net(NetError::Redirect { .. })), "{target}: {error}");
    }
    host.server.answer_with(|request| Some(Reply::Redirect(request.path.clone())));
    let error = host.refresh(&mut host.mirror_of("moved")).unwrap_err();
    assert!(error.to_string().contains("more than three redirects"), "{error}");
}

#[test]
fn a_private_address_that_is_not_allowed_is_never_asked() {
    let host = Host::with_commit();
    let client = net::TenantClient::new(net::AllowList::default()).unwrap();
    let mut mirror = host.mirror();
    let _entered = host.runtime.enter();
    let error = mirror.refresh(&git::Fetch::new(&client)).unwrap_err();
    assert!(matches!(error, GitError::Net(NetError::NotPublic { .. })), "{error}");
    assert_eq!(host.requests().len(), 0);
}

#[test]
fn what_a_killed_process_left_does_not_stop_the_next() {
    let host = Host::with_commit();
    let mut mirror = host.mirror();
    host.refresh(&mut mirror).unwrap();
    drop(mirror);
    let folder = host.folder.path().join("mirrors/ui");
    let left = [
        "HEAD.lock",
        "refs/heads/main.lock",
        "packed-refs.lock",
        "objects/pack/pack_git2_ab",
        "objects/tmp_object_git2_ab",
    ];
    for file in left {
        std::fs::write(folder.join("mirror.git").join(file), "").unwrap();
    }
    std::fs::create_dir(folder.join("next.git")).unwrap();
    host.ui.write("a.txt", "two").commit("Change");
    host.refresh(&mut host.mirror()).unwrap();
    for file in left {
        assert!(!folder.join("mirror.git").join(file).exists(), "{file}");
    }
    assert!(!folder.join("next.git").exists());
}

#[test]
fn an_exchange_of_generations_that_broke_off_is_undone() {
    let host = Host::with_commit();
    host.refresh(&mut host.mirror()).unwrap();
    let folder = host.folder.path().join("mirrors/ui");
    std::fs::rename(folder.join("mirror.git"), folder.join("old.git")).unwrap();
    let mut mirror = host.mirror();
    assert_eq!(mirror.refs().unwrap().branches.len(), 1);
    assert!(!host.refresh(&mut mirror).unwrap().fetched);
}

#[test]
fn a_mirror_of_too_many_packs_is_fetched_anew() {
    let host = Host::with_commit();
    let mut mirror = host.mirror();
    host.refresh(&mut mirror).unwrap();
    let packs = host.folder.path().join("mirrors/ui/mirror.git/objects/pack");
    for number in 0..101 {
        std::fs::write(packs.join(format!("pack-{number:040}.pack")), "").unwrap();
    }
    let newest = host.ui.write("a.txt", "two").commit("Change");
    let refs = host.refresh(&mut mirror).unwrap();
    assert_eq!(refs.branches[&name("main")], newest);
    assert_eq!(mirror.commit(&newest).unwrap().parents.len(), 1);
    let left = std::fs::read_dir(packs)
        .unwrap()
        .flatten()
        .filter(|file| file.path().extension().is_some_and(|end| end == "pack"));
    assert_eq!(left.count(), 1);
}

#[test]
fn two_handles_refresh_one_after_the_other() {
    let host = Host::with_commit();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| host.refresh(&mut host.mirror()).unwrap());
        }
    });
    assert_eq!(host.mirror().refs().unwrap().branches.len(), 1);
}

#[test]
fn a_shallow_or_sha256_host_is_named_as_such() {
    let host = Host::with_commit();
    host.ui.write("a.txt", "two").commit("Change");
    let served = host.ui.folder().parent().unwrap().to_owned();
    host.ui.git(&[
        "clone",
        "--quiet",
        "--bare",
        "--depth=1",
        &format!("file://{}", host.ui.folder().display()),
        &served.join("shallow").display().to_string(),
    ]);
    let error = host.refresh(&mut host.mirror_of("shallow")).unwrap_err();
    assert!(matches!(error, GitError::Shallow { .. }), "{error}");
    host.ui.git(&["init", "--quiet", "--bare", "--object-format=sha256", &served.join("sha256").display().to_string()]);
    let error = host.refresh(&mut host.mirror_of("sha256")).unwrap_err();
    assert!(matches!(error, GitError::Unsupported { .. }), "{error}");
}

#[test]
fn progress_is_told_to_the_last_object() {
    let seen = std::cell::Cell::new((0, 0));
    let tell = |progress: git::FetchProgress| {
        seen.set((progress.received_objects, progress.total_objects));
    };
    let host = Host::with_commit();
    host.refresh_with(&mut host.mirror(), |fetch| fetch.progress = &tell).unwrap();
    assert_eq!(seen.get(), (3, 3));
}

#[test]
fn a_mirror_can_be_read_by_another_handle_while_it_exists() {
    let host = Host::with_commit();
    let mut mirror = host.mirror();
    let head = host.refresh(&mut mirror).unwrap().branches[&name("main")].clone();
    let dir = host.folder.path().join("mirrors/ui");
    let other = Repository::open_mirror(&dir, &remote(&host.server.url("ui"))).unwrap();
    assert!(other.tree(&head).unwrap().lookup("a.txt").unwrap().found().is_some());
}

#[tokio::test]
async fn a_refresh_from_spawn_blocking_works_in_a_runtime_of_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    let ui = git::testing::TestRepository::new(&folder.path().join("served/ui"));
    let head = ui.write("a.txt", "one").commit("Begin");
    let server = git::testing::GitServer::start(&folder.path().join("served"));
    let (client, url, dir) = (server.client(), remote(&server.url("ui")), folder.path().join("mirror"));
    let refresh = move || Repository::open_mirror(&dir, &url)?.refresh(&git::Fetch::new(&client));
    let refs = tokio::task::spawn_blocking(refresh).await.unwrap().unwrap();
    assert_eq!(refs.branches[&name("main")], head);
}
