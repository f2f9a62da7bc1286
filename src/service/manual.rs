//! Components made by hand: published through the organisation's one manual
//! repository, the same way as a sync publishes.

use super::{
    RegistryService, ServiceError,
    names::{content_of, holder},
    projection::{self, Projected},
    publish::{Proposal, PublicationKind, Published, publish},
    reading::{ReadingSettings, Texts},
    snapshots::{Listed, SnapshotList},
    sync::{Materialised, kind_text, materialise},
    versions::{self, version_id},
};
use crate::service::audit::{Action, Event};
use crate::{
    auth::{Access, Admin},
    catalog::Entry,
    tenants::Tenant,
};
use instant::{InstantError, Transaction, rows};
use model::{
    Diagnostic, DiagnosticCode, Digest, ItemName, RepositoryId, Severity,
    view::{ComponentView, RepositoryKind},
};
use serde::Deserialize;
use serde_json::{Value, json};
use source::{Item, MemoryTree, Settings};
use std::{collections::HashMap, sync::Arc};

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
    let mut given: HashMap<String, String> = HashMap::new();
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
            let path = path.trim_start_matches("./").to_owned();
            if given.get(&path).is_some_and(|other| other != content) {
                let problem = Diagnostic::error(
                    DiagnosticCode::Schema,
                    format!("two files have the path {path:?}, and different texts"),
                )
                .at_field(format!("files.{nth}.path"))
                .fix("Give one of the two another path");
                return Err(ServiceError::Rejected(vec![problem]));
            }
            given.insert(path, content.to_owned());
        }
    }
    // One of its files may be called as the definition is.
    let mut place = "registry.json".to_owned();
    while given.keys().any(|path| path.split('/').next() == Some(&place)) {
        place.insert(0, '_');
    }
    let registry = json!({ "name": "manual", "homepage": "https://localhost", "items": [item] });
    let mut tree = MemoryTree::new().file(&place, registry.to_string().as_bytes());
    for (path, content) in given {
        tree.insert(&path, content);
    }
    let settings = Settings { config_path: Some(place), ..Settings::default() };
    let mut texts = Texts::default();
    let mut registry = source::read_registry(&tree, &settings, &mut texts, &mut |_, _| {})?;
    if let Some(item) = registry.items.pop() {
        return Ok((item, texts));
    }
    registry.diagnostics.retain(|finding| finding.severity == Severity::Error);
    Err(ServiceError::Rejected(registry.diagnostics))
}

/// Which versions a change may replace: any, or only those that its sender has seen.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(Option<Vec<Digest>>);

impl IfMatch {
    /// Only this version.
    pub fn version(digest: Digest) -> Self {
        Self(Some(vec![digest]))
    }

    /// Reads the header of that name: `*`, or each version's ETag. A text that is
    /// no such ETag matches nothing.
    pub fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self(None);
        }
        let tags = header.split(',').map(str::trim);
        let digests = tags.filter_map(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        Self(Some(digests.collect()))
    }

    fn check(&self, name: &ItemName, current: &Digest) -> Result<(), ServiceError> {
        if self.0.as_ref().is_none_or(|seen| seen.contains(current)) {
            return Ok(());
        }
        Err(ServiceError::Stale(format!(
            "Someone changed {name:?} meanwhile: it is version {} now. Get it again, make your change to that, and send it with `If-Match: \"{current}\"`.",
            current.short()
        )))
    }
}

/// A component made by hand, as it can be edited.
#[derive(Debug, Clone)]
pub struct HandMade {
    /// The item with its files' contents, as its author wrote it.
    pub item: Value,
    /// Its version.
    pub version: Digest,
}

/// One change to the components made by hand.
enum Edit {
    Create(Item),
    Replace(Item, IfMatch),
    Remove(ItemName, IfMatch),
}

impl Edit {
    fn name(&self) -> &ItemName {
        match self {
            Self::Create(item) | Self::Replace(item, _) => &item.name,
            Self::Remove(name, _) => name,
        }
    }

    fn action(&self) -> Action {
        match self {
            Self::Create(_) => Action::ComponentCreate,
            Self::Replace(..) => Action::ComponentPublish,
            Self::Remove(..) => Action::ComponentRemove,
        }
    }

    /// Carries it out on what is current. What stands in the way is told.
    async fn apply(&self, tenant: &Tenant, list: &mut SnapshotList) -> Result<(), ServiceError> {
        let name = self.name();
        let place = list.0.iter().position(|listed| listed.item == *name);
        match (self, place) {
            (Self::Create(_), Some(_)) => Err(ServiceError::Conflict(format!(
                "There is a component {name:?} already. Choose another name, or update that one."
            ))),
            (Self::Create(item), None) => {
                if let Some(holder) = holder(tenant, repository_id(), name).await? {
                    return Err(ServiceError::Conflict(format!(
                        "The name {name:?} {}. {}.",
                        holder.told(None),
                        holder.way_out(name.as_str())
                    )));
                }
                list.0.push(Listed { item: name.clone(), version: item.version_digest() });
                Ok(())
            }
            (Self::Replace(item, seen), Some(at)) => {
                seen.check(name, &list.0[at].version)?;
                list.0[at].version = item.version_digest();
                Ok(())
            }
            (Self::Remove(_, seen), Some(at)) => {
                seen.check(name, &list.0[at].version)?;
                list.0.remove(at);
                Ok(())
            }
            (Self::Replace(..) | Self::Remove(..), None) => Err(ServiceError::Removed(format!(
                "The component {name:?} was removed. Create it again, or roll its repository back."
            ))),
        }
    }
}

impl RegistryService {
    /// Publishes a new component.
    pub async fn create_component(
        &self,
        access: &Access<Admin>,
        data: NewComponent,
    ) -> Result<ComponentView, ServiceError> {
        let (item, texts) = read_item(&data)?;
        let name = item.name.clone();
        self.publish_by_hand(access, Edit::Create(item), texts).await?;
        self.component(&access.clone().into(), name.as_str()).await
    }

    /// Publishes a new version of a component that was made by hand.
    pub async fn update_component(
        &self,
        access: &Access<Admin>,
        name: &str,
        data: NewComponent,
        seen: IfMatch,
    ) -> Result<ComponentView, ServiceError> {
        let entry = self.hand_made_entry(access, name)?;
        let (item, texts) = read_item(&data)?;
        if item.name != entry.name {
            let problem = Diagnostic::error(
                DiagnosticCode::InvalidName,
                format!("a new version keeps the component's name, {:?}", entry.name),
            );
            let fix = "Create another component under the other name, then remove this one";
            return Err(ServiceError::Rejected(vec![problem.at_field("name").fix(fix)]));
        }
        self.publish_by_hand(access, Edit::Replace(item, seen), texts).await?;
        self.component(&access.clone().into(), name).await
    }

    /// Removes a component that was made by hand. It can be rolled back, and its
    /// name is held until it is released.
    pub async fn remove_component(
        &self,
        access: &Access<Admin>,
        name: &str,
        seen: IfMatch,
    ) -> Result<(), ServiceError> {
        let entry = self.hand_made_entry(access, name)?;
        self.publish_by_hand(access, Edit::Remove(entry.name.clone(), seen), Texts::default()).await
    }

    /// A component made by hand, to be edited.
    pub async fn hand_made(&self, access: &Access<Admin>, name: &str) -> Result<HandMade, ServiceError> {
        let tenant = &self.tenant(access)?;
        let entry = self.hand_made_entry(access, name)?;
        let id = version_id(repository_id(), &entry.name, &entry.version);
        let content = versions::contents(tenant, &[id]).await?.remove(&id);
        let content =
            content.ok_or_else(|| ServiceError::Internal(format!("version {id} of {name} is not in the store")))?;
        let mut item = content.manifest.to_object();
        let files = item.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten();
        for (file, text) in files.zip(&content.files) {
            if let Value::Object(file) = file {
                file.insert("content".to_owned(), Value::String(text.to_string()));
            }
        }
        Ok(HandMade { item: Value::Object(item), version: entry.version })
    }

    /// The served component of this name, which must be one made by hand.
    fn hand_made_entry(&self, access: &Access<Admin>, name: &str) -> Result<Arc<Entry>, ServiceError> {
        let entry = self.get_component(&access.clone().into(), name)?;
        if !is_manual(entry.repository) {
            return Err(ServiceError::Conflict(
                "This component comes from a git repository. Change it there, and it is published from there."
                    .to_owned(),
            ));
        }
        Ok(entry)
    }

    async fn publish_by_hand(&self, access: &Access<Admin>, edit: Edit, mut texts: Texts) -> Result<(), ServiceError> {
        let tenant = &self.tenant(access)?;
        let repository = manual_repository(tenant).await?;
        let settings = ReadingSettings::of(&repository)?;
        let _order = tenant.publishing.lock().await;
        let (fresh, list, before, seq) = loop {
            let heads = tenant.sequence.catch_up(tenant).await?;
            if heads.is_unreadable(repository.id) {
                return Err(ServiceError::Conflict(
                    "What is made by hand cannot be changed: the database has lost the list of what is current of it. Roll it back to another publication first; the log says more.".to_owned(),
                ));
            }
            let before = heads.of(repository.id).cloned();
            let mut list = before.as_ref().map(|head| head.snapshot.list.clone()).unwrap_or_default();
            edit.apply(tenant, &mut list).await?;
            let (items, claimed) = match &edit {
                Edit::Create(item) => {
                    (std::slice::from_ref(item), HashMap::from([(item.name.clone(), item.name.clone())]))
                }
                Edit::Replace(item, _) => (std::slice::from_ref(item), HashMap::new()),
                Edit::Remove(..) => (&[][..], HashMap::new()),
            };
            let Materialised { snapshot, fresh } = materialise(
                tenant,
                &repository,
                settings.digest(),
                None,
                items,
                list.clone(),
                &SnapshotList::default(),
                &mut texts,
                |_| {},
            )
            .await?;
            if before.as_ref().is_some_and(|head| head.snapshot.row.id == snapshot.row.id) {
                return Ok(()); // the same as it is
            }
            let proposal = Proposal {
                repository: repository.id,
                snapshot: snapshot.row.id,
                kind: PublicationKind::Manual,
                actor: Some(access.actor()),
                expected: before.as_ref().map(|head| head.id),
                settings: settings.digest(),
                claimed,
            };
            let event = Event::of(access, edit.action(), edit.name());
            match publish(tenant, proposal, |transaction| event.note(transaction)).await? {
                Published::Done(seq) => break (fresh, list, before, seq),
                Published::Overtaken => {}
            }
        };
        let (changed, removed) = match &edit {
            Edit::Create(item) | Edit::Replace(item, _) => (
                vec![Projected {
                    item: item.name.clone(),
                    manifest: item.manifest.clone(),
                    version: item.version_digest(),
                    content: content_of(item),
                    files: item.files.len(),
                }],
                vec![],
            ),
            Edit::Remove(name, _) => (vec![], vec![name.clone()]),
        };
        let change = projection::Change {
            repository: repository.id,
            projected: repository.projected,
            before: before.as_ref(),
            seq,
            current: &list,
            settings: &settings,
        };
        projection::follow(tenant, change, &changed, &removed).await?;
        self.rebuild_catalog(tenant, &fresh, |_, _| {}).await
    }
}

/// The id of an organisation's manual repository.
fn repository_id() -> RepositoryId {
    RepositoryId::of_key(KEY)
}

/// Whether this is the repository of what is made by hand.
pub(super) fn is_manual(repository: RepositoryId) -> bool {
    repository == repository_id()
}

/// The organisation's manual repository, made when it is first needed.
async fn manual_repository(tenant: &Tenant) -> Result<rows::Repository, ServiceError> {
    let id = repository_id();
    if let Some(row) = tenant.db.get::<rows::Repository>(id).await? {
        return Ok(row);
    }
    let policy = super::settings::Settings::of(tenant).await?.default_policy.unwrap_or_default();
    let mut transaction = Transaction::new();
    transaction
        .create::<rows::Repository>(id)
        .set(rows::Repository::KEY, KEY.to_owned())
        .set(rows::Repository::URL, "manual".to_owned())
        .set(rows::Repository::NAME, "Made by hand".to_owned())
        .set(rows::Repository::KIND, kind_text(RepositoryKind::Manual).to_owned())
        .set(rows::Repository::DEPENDENCY_POLICY, policy.to_string());
    match tenant.db.transact(transaction).await {
        Ok(_) | Err(InstantError::Exists { .. } | InstantError::NotUnique { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let row = tenant.db.get::<rows::Repository>(id).await?;
    row.ok_or_else(|| ServiceError::Internal("the manual repository vanished as it was made".to_owned()))
}
