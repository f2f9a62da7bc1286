//! Components made by hand: published through the organisation's one manual
//! repository, the same way as a sync publishes.

use super::{
    RegistryService, ServiceError,
    catalogue::Fresh,
    projection::{self, Projected},
    publish::{PublicationKind, Published, publish},
    reading::{ReadingSettings, Texts},
    snapshots::{self, Listed, SnapshotList},
    sync::{Materialised, kind_text, materialise},
};
use crate::{
    auth::{Access, Admin},
    tenants::Tenant,
};
use instant::{InstantError, Transaction, rows};
use model::{
    ComponentId, DependencyPolicy, Diagnostic, DiagnosticCode, RepositoryId, Severity,
    view::{ComponentView, RepositoryKind},
};
use serde::Deserialize;
use serde_json::{Value, json};
use source::{Item, MemoryTree, Settings};
use std::sync::Arc;

/// A component as a registry item with the contents of its files inlined: the
/// same JSON that the CLI gets.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct NewComponent(pub Value);

/// The one manual repository's key.
const KEY: &str = "manual#";

/// Reads the item the way a repository's items are read, so that the same rules hold.
fn read_item(component: &NewComponent) -> Result<(Item, Texts), ServiceError> {
    let Value::Object(mut item) = component.0.clone() else {
        let problem =
            Diagnostic::error(DiagnosticCode::Schema, "a component is a JSON object").fix("Send a registry item");
        return Err(ServiceError::Rejected(vec![problem]));
    };
    let mut tree = MemoryTree::new();
    if let Some(files) = item.get_mut("files").and_then(Value::as_array_mut) {
        for (nth, file) in files.iter_mut().enumerate() {
            let Some(file) = file.as_object_mut() else {
                continue;
            };
            let content = file.remove("content");
            let (Some(path), Some(content)) =
                (file.get("path").and_then(Value::as_str), content.as_ref().and_then(Value::as_str))
            else {
                let problem =
                    Diagnostic::error(DiagnosticCode::Schema, "a file needs `path` and `content`, both texts")
                        .at_field(format!("files.{nth}"))
                        .fix("Inline the file's text as `content`");
                return Err(ServiceError::Rejected(vec![problem]));
            };
            tree = tree.file(path.trim_start_matches("./"), content.as_bytes());
        }
    }
    let registry = json!({ "name": "manual", "homepage": "https://localhost", "items": [item] });
    let tree = tree.file("registry.json", registry.to_string().as_bytes());
    let settings = Settings { config_path: Some("registry.json".to_owned()), ..Settings::default() };
    let mut texts = Texts::default();
    let mut registry = source::read_registry(&tree, &settings, &mut texts, &mut |_, _| {})?;
    if let Some(item) = registry.items.pop() {
        return Ok((item, texts));
    }
    registry.diagnostics.retain(|finding| finding.severity == Severity::Error);
    Err(ServiceError::Rejected(registry.diagnostics))
}

impl RegistryService {
    /// Publishes a new component.
    pub async fn create_component(
        &self,
        access: &Access<Admin>,
        data: NewComponent,
    ) -> Result<ComponentView, ServiceError> {
        let tenant = self.tenant(access)?;
        let (item, texts) = read_item(&data)?;
        if tenant.catalog.load().get(item.name.as_str()).is_some() {
            return Err(ServiceError::Conflict(format!(
                "There is a component {:?} already. Choose another name, or update that one.",
                item.name.as_str()
            )));
        }
        self.publish_by_hand(access, item, texts).await
    }

    /// Publishes a new version of a component that was made by hand.
    pub async fn update_component(
        &self,
        access: &Access<Admin>,
        id: ComponentId,
        data: NewComponent,
    ) -> Result<ComponentView, ServiceError> {
        let tenant = self.tenant(access)?;
        let (item, texts) = read_item(&data)?;
        let row = tenant.db.get::<rows::Component>(id).await?;
        let row =
            row.ok_or_else(|| ServiceError::not_found("component", id, "The list of components shows what there is."))?;
        if row.repository != Some(RepositoryId::of_key(KEY)) {
            return Err(ServiceError::Conflict(
                "This component comes from a git repository. Change it there, and it is published from there."
                    .to_owned(),
            ));
        }
        if row.name.as_deref() != Some(item.name.as_str()) {
            return Err(ServiceError::Invalid(
                "A new version keeps the component's name. Create another component for another name.".to_owned(),
            ));
        }
        self.publish_by_hand(access, item, texts).await
    }

    async fn publish_by_hand(
        &self,
        access: &Access<Admin>,
        item: Item,
        texts: Texts,
    ) -> Result<ComponentView, ServiceError> {
        let tenant = self.tenant(access)?;
        let repository = manual_repository(tenant).await?;
        let settings = ReadingSettings::of(&repository)?;
        let held =
            tenant.db.select::<rows::Component>().filter(rows::Component::NAME.eq(item.name.to_string())).one().await?;
        if held.is_some_and(|row| row.repository != Some(repository.id)) {
            return Err(ServiceError::Conflict(format!(
                "The name {:?} belongs to a component of another repository. Choose another.",
                item.name.as_str()
            )));
        }
        let (name, mut texts) = (item.name.clone(), texts);
        let version = item.version_digest();
        let items = [item];
        let (fresh, list, first) = loop {
            let current = snapshots::current_publication(tenant, repository.id).await?;
            let before = match current.as_ref().and_then(|publication| publication.snapshot) {
                Some(id) => snapshots::get(tenant, id).await?,
                None => None,
            };
            let mut list = before.as_ref().map(|snapshot| snapshot.list.clone()).unwrap_or_default();
            match list.0.iter_mut().find(|listed| listed.item == name) {
                Some(listed) => listed.version = version,
                None => list.0.push(Listed { item: name.clone(), version }),
            }
            let Materialised { snapshot, fresh } = materialise(
                tenant,
                &repository,
                settings.digest(),
                None,
                &items,
                list.clone(),
                &SnapshotList::default(),
                &mut texts,
                |_| {},
            )
            .await?;
            let expected = current.map(|publication| publication.id);
            match publish(tenant, repository.id, snapshot.row.id, PublicationKind::Manual, expected, |_| {}).await? {
                Published::Done(_) => break (fresh, list, before.is_none()),
                Published::Overtaken => {}
            }
        };
        self.settle_by_hand(tenant, &repository, &items[0], version, &list, first, &fresh).await?;
        self.audit(tenant, access, "component.publish", name.as_str()).await?;
        self.component(&access.clone().into(), name.as_str()).await
    }

    #[expect(clippy::too_many_arguments, reason = "what one publication by hand consists of")]
    async fn settle_by_hand(
        &self,
        tenant: &Arc<Tenant>,
        repository: &rows::Repository,
        item: &Item,
        version: model::Digest,
        list: &SnapshotList,
        first: bool,
        fresh: &Fresh,
    ) -> Result<(), ServiceError> {
        let changed =
            [Projected { item: item.name.clone(), manifest: item.manifest.clone(), version, files: item.files.len() }];
        projection::project(tenant, repository.id, None, &changed, &[], first, list).await?;
        self.rebuild_catalog(tenant, fresh, |_, _| {}).await?;
        self.mark_settled(tenant, repository.id).await
    }
}

/// The organisation's manual repository, made when it is first needed.
async fn manual_repository(tenant: &Tenant) -> Result<rows::Repository, ServiceError> {
    let id = RepositoryId::of_key(KEY);
    let mut transaction = Transaction::new();
    transaction
        .create::<rows::Repository>(id)
        .set(rows::Repository::KEY, KEY.to_owned())
        .set(rows::Repository::URL, "manual".to_owned())
        .set(rows::Repository::NAME, "Made by hand".to_owned())
        .set(rows::Repository::KIND, kind_text(RepositoryKind::Manual).to_owned())
        .set(rows::Repository::DEPENDENCY_POLICY, DependencyPolicy::default().to_string());
    match tenant.db.transact(transaction).await {
        Ok(_) | Err(InstantError::Exists { .. } | InstantError::NotUnique { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let row = tenant.db.get::<rows::Repository>(id).await?;
    row.ok_or_else(|| ServiceError::Internal("the manual repository vanished as it was made".to_owned()))
}
