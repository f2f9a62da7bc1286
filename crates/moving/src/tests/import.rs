use super::support::{Call, Troubled, empty, everything, failing_after, filled, publish, put_file};
use crate::import::{Order, Report, Stage, import, survey, unfinished};
use crate::{End, MovingError, Scope};
use instant::rows::{Commit, ENTITIES, Publication, Repository, Sync};
use instant::{Db, Embedded, InstantError, Store, Timestamp, Transaction};
use model::{RepositoryId, SnapshotId, SyncId};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn order() -> Order {
    Order { scope: Scope::Ours, from: "embedded:/a".to_owned() }
}

async fn moved(source: &dyn Store, target: &dyn Store) -> Result<Report, MovingError> {
    import(source, target, &order(), &mut |_| {}).await
}

async fn publications(store: &Embedded) -> usize {
    let db: Db = Arc::new(store.clone());
    db.select::<Publication>().all().await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back_loses_nothing() {
    let source = filled(30).await;
    let before = everything(&source).await;
    let (there, back) = (empty().await, empty().await);
    let mut stages = Vec::new();
    let report = import(&source, &there, &order(), &mut |progress| stages.push(progress.stage)).await.unwrap();
    assert_eq!(report.files_copied, 62);
    assert_eq!(report.rows_written, report.namespaces.iter().map(|count| count.entities).sum::<u64>());
    assert_eq!(report.left_out, [""; 0]);
    let components = report.namespaces.iter().find(|count| count.namespace == "registry_components").unwrap();
    assert_eq!((components.entities, components.links, components.there), (60, 240, 0));
    stages.dedup();
    assert_eq!(
        stages,
        [
            Stage::Looking,
            Stage::Files,
            Stage::Rows,
            Stage::CheckingFiles,
            Stage::CheckingRows,
            Stage::Publishing,
            Stage::CheckingRows
        ]
    );
    assert_eq!(everything(&there).await, before);
    moved(&there, &back).await.unwrap();
    assert_eq!(everything(&back).await, before);
    assert_eq!(unfinished(&back).await.unwrap(), None);
    // Claims of processes are left where they are.
    assert_eq!(instant::Store::count(&back, "registry_leases", &instant::Where::default()).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_longer_than_a_page_are_moved_whole() {
    let source = filled(1_300).await;
    let target = empty().await;
    let report = moved(&source, &target).await.unwrap();
    assert_eq!(report.files.files, 2_602);
    assert_eq!(everything(&target).await, everything(&source).await);
}

#[tokio::test]
async fn a_dry_run_counts_everything_and_writes_nothing() {
    let (source, target) = (filled(3).await, empty().await);
    let (of_source, of_target) = (*source.latest().borrow(), *target.latest().borrow());
    let found = survey(&source, &target, &order(), &mut |_| {}).await.unwrap();
    assert_eq!((found.files.files, found.files.there), (8, 0));
    let versions = found.namespaces.iter().find(|count| count.namespace == "registry_versions").unwrap();
    assert_eq!((versions.entities, versions.links, versions.there), (6, 12, 0));
    assert!(found.refused.is_none() && !found.continued, "{:?}", found.refused);
    assert_eq!((*source.latest().borrow(), *target.latest().borrow()), (of_source, of_target));
    assert_eq!(target.rules().await.unwrap(), None);
    moved(&source, &target).await.unwrap();
    let found = survey(&source, &target, &order(), &mut |_| {}).await.unwrap();
    assert_eq!(found.files.there, 8);
    assert!(found.namespaces.iter().all(|count| count.there == count.entities));
    assert!(found.refused.is_none());
}

#[tokio::test]
async fn what_is_there_already_is_not_written_again() {
    let (source, target) = (filled(4).await, empty().await);
    moved(&source, &target).await.unwrap();
    let again = moved(&source, &target).await.unwrap();
    assert_eq!((again.files_copied, again.rows_written), (0, 0));
    assert!(again.namespaces.iter().all(|count| count.there == count.entities));
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_off_after_any_write_it_goes_on_and_nothing_is_current_before_all_is_there() {
    let source = filled(12).await;
    let target = empty().await;
    let wanted = everything(&source).await;
    let mut writes = 0;
    let report = loop {
        match moved(&source, &failing_after(&target, writes)).await {
            Ok(report) => break report,
            Err(MovingError::At { end: End::Target, source })
                if matches!(*source, InstantError::Unavailable { .. }) => {}
            Err(other) => panic!("after {writes} writes: {other}"),
        }
        let there = everything(&target).await;
        let complete = wanted.keys().all(|key| there.contains_key(key) || key.starts_with("registry_publications"));
        assert!(complete || publications(&target).await == 0, "after {writes} writes");
        if there.len() > 1 {
            assert_eq!(unfinished(&target).await.unwrap().as_deref(), Some("embedded:/a"), "after {writes} writes");
        }
        writes += 1;
    };
    assert!(writes > 5, "{writes}");
    assert_eq!(everything(&target).await, wanted);
    assert_eq!(unfinished(&target).await.unwrap(), None);
    assert_eq!(report.namespaces.len(), ENTITIES.len() - 2);
}

#[tokio::test]
async fn a_row_that_changed_at_the_source_since_it_was_cut_off_is_brought_up_to_date() {
    let (source, target) = (filled(3).await, empty().await);
    moved(&source, &failing_after(&target, 7)).await.unwrap_err();
    let db: Db = Arc::new(source.clone());
    let repository = RepositoryId::of_key("https://host.example/ui");
    let mut transaction = Transaction::new();
    transaction
        .update::<Repository>(repository)
        .set(Repository::NAME, "renamed".to_owned())
        .clear(Repository::LAST_SYNCED_AT);
    let commit = db.select::<Commit>().one().await.unwrap().unwrap();
    let component = db.select::<instant::rows::Component>().one().await.unwrap().unwrap();
    transaction.relink::<Commit>(commit.id).unlink(Commit::COMPONENTS, component.id);
    db.transact(transaction).await.unwrap();
    moved(&source, &target).await.unwrap();
    assert_eq!(everything(&target).await, everything(&source).await);
}

#[tokio::test]
async fn a_target_with_data_of_its_own_is_refused_and_left_as_it_is() {
    let (source, target) = (filled(2).await, empty().await);
    let db: Db = Arc::new(target.clone());
    let mut transaction = Transaction::new();
    transaction.create::<Repository>(RepositoryId::random()).set(Repository::KEY, "mine#".to_owned());
    db.transact(transaction).await.unwrap();
    let before = everything(&target).await;
    let refused = moved(&source, &target).await.unwrap_err();
    assert!(refused.to_string().contains("1 of its 1 registry_repositories are not in the source"), "{refused}");
    let told = survey(&source, &target, &order(), &mut |_| {}).await.unwrap().refused.unwrap();
    assert_eq!(told, refused.to_string());
    assert_eq!(everything(&target).await, before);
    assert_eq!(unfinished(&target).await.unwrap(), None);
}

#[tokio::test]
async fn a_target_that_was_used_since_the_import_is_not_overwritten() {
    let (source, target) = (filled(2).await, empty().await);
    moved(&source, &target).await.unwrap();
    let db: Db = Arc::new(target.clone());
    let mut transaction = Transaction::new();
    let repository = RepositoryId::of_key("https://host.example/ui");
    transaction.update::<Repository>(repository).set(Repository::NAME, "renamed".to_owned());
    db.transact(transaction).await.unwrap();
    let refused = moved(&source, &target).await.unwrap_err();
    assert!(refused.to_string().contains(&format!("registry_repositories {repository} differs in name")), "{refused}");
}

#[tokio::test]
async fn an_import_from_elsewhere_that_was_begun_is_told_and_neither_end_is_used() {
    let (source, target) = (filled(2).await, empty().await);
    moved(&source, &failing_after(&target, 4)).await.unwrap_err();
    let other = Order { from: "zip:/b.zip".to_owned(), ..order() };
    let refused = import(&source, &target, &other, &mut |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("an import from embedded:/a was begun here"), "{refused}");
    let as_source = moved(&target, &empty().await).await.unwrap_err();
    assert!(as_source.to_string().contains("the source has an import from embedded:/a"), "{as_source}");
}

#[tokio::test]
async fn a_source_with_a_damaged_file_is_refused_before_any_row_is_written() {
    let source = filled(2).await;
    // As a store without digests would have it.
    let path = format!("registry/blobs/{}", model::Digest::of(b"wanted"));
    source.upload(&path, "text/plain", "other".into()).await.unwrap();
    let target = empty().await;
    let refused = moved(&source, &target).await.unwrap_err();
    assert!(refused.to_string().contains(&path) && refused.to_string().contains("Nothing"), "{refused}");
    assert_eq!(publications(&target).await, 0);
    let rows = everything(&target).await;
    assert!(rows.keys().all(|key| key.starts_with("registry/")), "{rows:?}");
}

#[tokio::test]
async fn a_file_that_the_target_did_not_keep_is_copied_once_more() {
    let (source, target) = (filled(2).await, empty().await);
    moved(&source, &failing_after(&target, 4)).await.unwrap_err();
    let path = everything(&source).await.keys().find(|key| key.starts_with("registry/blobs")).unwrap().clone();
    let size = source.download(&path).await.unwrap().unwrap().len();
    target.upload(&path, "text/plain", vec![b'x'; size].into()).await.unwrap();
    moved(&source, &target).await.unwrap();
    let back = target.download(&path).await.unwrap();
    assert_eq!(back, source.download(&path).await.unwrap());
}

/// A source to which something is written when this many rows were asked for.
fn changing(source: &Embedded, at: usize, change: fn(Db)) -> Troubled {
    let (asked, db): (AtomicUsize, Db) = (AtomicUsize::new(0), Arc::new(source.clone()));
    let before = move |call| {
        if call == Call::Download && asked.fetch_add(1, Ordering::SeqCst) == at {
            change(Arc::clone(&db));
        }
        Ok(())
    };
    Troubled { store: source.clone(), before: Box::new(before) }
}

fn now<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changes_meanwhile_is_noticed_before_anything_is_current() {
    let new_row = |db: Db| {
        now(async move {
            let mut transaction = Transaction::new();
            transaction.create::<Sync>(SyncId::random()).set(Sync::STARTED_AT, Timestamp::now());
            db.transact(transaction).await.unwrap();
        });
    };
    let new_publication = |db: Db| {
        now(async move {
            let url = "https://host.example/ui";
            publish(&*db, 9, RepositoryId::of_key(url), SnapshotId::of_key(url)).await;
        });
    };
    for (change, told) in [(new_row as fn(Db), "registry_syncs has 1 new rows"), (new_publication, "publication 9")] {
        let (source, target) = (filled(3).await, empty().await);
        let refused = moved(&changing(&source, 1, change), &target).await.unwrap_err();
        assert!(refused.to_string().contains(told), "{refused}");
        assert_eq!(publications(&target).await, 0);
        moved(&source, &target).await.unwrap();
        assert_eq!(everything(&target).await, everything(&source).await);
    }
}

#[tokio::test]
async fn files_that_only_the_target_has_do_no_harm() {
    let (source, target) = (filled(1).await, empty().await);
    put_file(&target, "blobs", "left over").await;
    moved(&source, &target).await.unwrap();
    let (there, wanted) = (everything(&target).await, everything(&source).await);
    assert_eq!(there.len(), wanted.len() + 1);
}
