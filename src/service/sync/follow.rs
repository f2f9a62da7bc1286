//! Following a repository's newest sync, whatever server runs it.

use crate::{
    auth::{Access, Read},
    service::{RegistryService, ServiceError, repositories::sync_view},
    tenants::Tenant,
};
use instant::{Clause, Condition, Entity, Form, Query, Tree, Where, rows};
use model::{RepositoryId, SyncId, view::SyncView};
use tokio::sync::watch;

impl RegistryService {
    /// A repository's newest sync, from now to its end. `None` if it was never synced.
    pub async fn follow_sync(
        &self,
        access: &Access<Read>,
        id: RepositoryId,
    ) -> Result<Option<watch::Receiver<SyncView>>, ServiceError> {
        let tenant = &self.tenant(access)?;
        let here = tenant.jobs.watch(id);
        if here.as_ref().is_some_and(|here| !here.borrow().state.is_final()) {
            return Ok(here);
        }
        let recorded = match self.syncs(access, id, 1).await {
            Ok(mut recorded) => recorded.pop(),
            // What ended here is known all the same.
            Err(error) if error.is_store_away() && here.is_some() => None,
            Err(error) => return Err(error),
        };
        Ok(match (here, recorded) {
            (_, Some(elsewhere)) if !elsewhere.state.is_final() => Some(follow(tenant, elsewhere)),
            (Some(here), _) => Some(here),
            (None, recorded) => recorded.map(|last| watch::Sender::new(last).subscribe()),
        })
    }
}

/// Follows a sync that another server runs.
fn follow(tenant: &Tenant, begun: SyncView) -> watch::Receiver<SyncView> {
    let mut live = tenant.db.live(query(begun.id));
    let (sender, receiver) = watch::channel(begun);
    tokio::spawn(async move {
        loop {
            let changed = tokio::select! {
                changed = live.changed() => changed,
                () = sender.closed() => return,
            };
            if changed.is_err() {
                return;
            }
            let row = live.borrow_and_update().as_deref().and_then(row);
            // One that is gone went with its repository.
            let Some(row) = row else { return };
            let view = sync_view(row, None);
            let ended = view.state.is_final();
            sender.send_replace(view);
            if ended {
                return;
            }
        }
    });
    receiver
}

fn query(id: SyncId) -> Query {
    let is_it = Clause::Field(vec!["id".to_owned()], Condition::Eq(id.to_string().into()));
    Query::of(rows::Sync::NAMESPACE, Form { filter: Where { clauses: vec![is_it] }, ..Form::default() })
}

fn row(tree: &Tree) -> Option<rows::Sync> {
    let row = tree.get(rows::Sync::NAMESPACE)?.as_array()?.first()?;
    serde_json::from_value(row.clone()).ok()
}
