//! The schema table: every namespace of the registry, with its attributes and
//! links, as row types.
//!
//! A field without `Option` is one that every writer sets; where the store has
//! nothing it reads as the type's default. Only key-like attributes are
//! `required`, because a required attribute can never be added to a namespace
//! that has rows.

use crate::schema::entities;
use crate::{Attr, AttrDef, AttrValue, Cardinality, Entity, EntityDef, Field, Link, LinkDef, Timestamp};
use model::{
    CommitId, ComponentId, EntityId, FileId, PublicationId, RepositoryId, SnapshotId, SyncId, TokenId, VersionId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

// `cascade` is on what has no meaning without the other side. Snapshots and
// publications have none: without its highest row the sequence would be reused.
entities! {
    /// A source of components.
    Repository(RepositoryId) = "registry_repositories" {
        attrs {
            /// `<canonical url>#<configPath>`.
            KEY key: String = "key" [unique indexed required];
            /// Where git finds it.
            URL url: String = "url" [indexed];
            /// Its name for people.
            NAME name: String = "name" [];
            /// `git` or `manual`.
            KIND kind: String = "kind" [];
            /// The prefix of its items' names.
            NAMESPACE namespace: Option<String> = "namespace" [unique indexed];
            /// The path of its registry file, from the tree's root.
            CONFIG_PATH config_path: Option<String> = "configPath" [];
            /// The branch or tag that is followed; else the default branch.
            TRACKED_REF tracked_ref: Option<String> = "trackedRef" [];
            /// The branch that the host calls its default.
            DEFAULT_BRANCH default_branch: Option<String> = "defaultBranch" [];
            /// A `model::DependencyPolicy`, as text.
            DEPENDENCY_POLICY dependency_policy: Option<String> = "dependencyPolicy" [];
            /// Seconds between two polls; 0 turns polling off.
            POLL_EVERY poll_every: Option<u64> = "pollEvery" [];
            /// A fresh value for every request for a sync.
            WANTED wanted: Option<String> = "wanted" [];
            /// The opaque last segment of its webhook's address.
            HOOK hook: Option<String> = "hook" [unique indexed];
            /// The webhook's secret, sealed.
            HOOK_SECRET hook_secret: Option<String> = "hookSecret" [];
            /// What git signs in with, sealed.
            CREDENTIAL credential: Option<String> = "credential" [];
            /// When a sync last succeeded.
            LAST_SYNCED_AT last_synced_at: Option<Timestamp> = "lastSyncedAt" [indexed];
            /// The commit of the last sync; for display only.
            HEAD_COMMIT head_commit: Option<String> = "headCommit" [];
            /// The `wanted` that the newest look which ended had read before it fetched.
            ANSWERED answered: Option<String> = "answered" [];
            /// The sync whose look that was.
            ANSWERED_BY answered_by: Option<String> = "answeredBy" [];
            /// The newest sync that succeeded: its report says what is broken.
            LAST_SUCCESS last_success: Option<String> = "lastSuccess" [];
            /// The digest of the refs that the newest sync saw, unless trying again may go better.
            SEEN_REFS seen_refs: Option<String> = "seenRefs" [];
            /// The publication up to which its component rows are written.
            PROJECTED projected: Option<u64> = "projected" [];
            /// How far back its commits are recorded, as JSON text.
            HISTORY history: Option<String> = "history" [];
        }
        one {}
        many {}
    }

    /// A commit that touches a component.
    Commit(CommitId) = "registry_commits" {
        attrs {
            /// `<repositoryId>@<sha>`.
            KEY key: String = "key" [unique indexed required];
            /// The full SHA-1.
            HASH hash: String = "hash" [indexed];
            /// The whole message.
            MESSAGE message: String = "message" [];
            /// The author's name.
            AUTHOR author: String = "author" [];
            /// When it was committed.
            DATE date: Timestamp = "date" [indexed];
            /// Larger for newer ones: by date, and as git has them where dates are the same.
            ORDER order: Option<u64> = "order" [indexed];
            /// A `model::view::CommitFiles`, as JSON text, once history was recorded.
            FILES files: Option<String> = "files" [];
        }
        one {
            /// The repository it belongs to.
            REPOSITORY repository: Repository = "repository", reverse COMMITS = "commits" [cascade];
        }
        many {
            /// The components it touches.
            COMPONENTS: Component = "components", reverse COMMITS = "commits";
        }
    }

    /// A component as it is current: a projection of the truth in
    /// publication, snapshot and versions.
    Component(ComponentId) = "registry_components" {
        attrs {
            /// The name under which it is served, with its repository's prefix.
            NAME name: Option<String> = "name" [unique indexed];
            /// `<repositoryId>/<item>`.
            KEY key: String = "key" [unique indexed required];
            /// The shadcn type: `registry:ui`.
            TYPE kind: String = "type" [indexed];
            /// Its title for people.
            TITLE title: Option<String> = "title" [];
            /// What it is, in a sentence.
            DESCRIPTION description: Option<String> = "description" [];
            /// CSS variables, as in the item.
            CSS_VARS css_vars: Option<Value> = "cssVars" [];
            /// Free-form data, as in the item.
            META meta: Option<Value> = "meta" [];
            /// The version that its author wrote.
            VERSION version: Option<String> = "version" [];
            /// The digest of its version: the current one, or the last.
            DIGEST digest: Option<String> = "digest" [];
            /// The `content_digest` of that version, by which it is known again under another name.
            CONTENT content: Option<String> = "content" [indexed];
            /// Since when its repository no longer has it.
            REMOVED_AT removed_at: Option<Timestamp> = "removedAt" [indexed];
        }
        one {
            /// The repository it belongs to.
            REPOSITORY repository: Repository = "repository", reverse COMPONENTS = "components" [cascade];
            /// The component that an admin named as its successor.
            REPLACED_BY replaced_by: Component = "replacedBy", reverse REPLACES = "replaces" [];
        }
        many {
            /// npm packages it needs.
            DEPENDENCIES: Package = "dependencies", reverse USED_BY_COMPONENTS = "usedByComponents";
            /// npm packages it needs while developing.
            DEV_DEPENDENCIES: Package = "devDependencies", reverse DEV_USED_BY_COMPONENTS = "devUsedByComponents";
            /// Components it needs.
            REGISTRY_DEPENDENCIES: Component = "registryDependencies", reverse USED_BY = "usedBy";
        }
    }

    /// One version of a component; immutable.
    Version(VersionId) = "registry_versions" {
        attrs {
            /// `<componentId>@<digest>`.
            KEY key: String = "key" [unique indexed required];
            /// SHA-256 over manifest and files, in hexadecimal.
            DIGEST digest: String = "digest" [indexed];
            /// When it was first seen.
            CREATED_AT created_at: Timestamp = "createdAt" [indexed];
            /// The item as its author wrote it, as JSON text.
            MANIFEST manifest: String = "manifest" [];
        }
        one {
            /// The component it is a version of.
            COMPONENT component: Component = "component", reverse VERSIONS = "versions" [cascade];
            /// The commit in which it was first seen.
            COMMIT commit: Commit = "commit", reverse VERSIONS = "versions" [];
        }
        many {}
    }

    /// One file of a version; immutable.
    File(FileId) = "registry_files" {
        attrs {
            /// `<versionKey>#<position>`.
            KEY key: String = "key" [unique indexed required];
            /// The path in the item.
            PATH path: String = "path" [];
            /// The shadcn type: `registry:file`.
            TYPE kind: String = "type" [];
            /// Where the CLI puts it.
            TARGET target: Option<String> = "target" [];
            /// SHA-256 of its bytes, in hexadecimal.
            DIGEST digest: String = "digest" [indexed];
            /// Its length in bytes.
            SIZE size: u64 = "size" [];
        }
        one {
            /// The component whose current version it belongs to.
            COMPONENT component: Component = "component", reverse FILES = "files" [];
            /// The version it belongs to.
            VERSION version: Version = "version", reverse FILES = "files" [cascade];
            /// Where its bytes are.
            STORAGE storage: StoredFile = "storage", reverse REGISTRY_FILES = "registryFiles" [];
        }
        many {}
    }

    /// A file in the store's file storage; written by uploading.
    StoredFile(EntityId) = "$files" {
        attrs {
            /// `registry/blobs/<sha256>` or `registry/snapshots/<sha256>`.
            PATH path: String = "path" [unique indexed required system];
            /// Its length in bytes.
            SIZE size: u64 = "size" [indexed required system];
            /// Its media type.
            CONTENT_TYPE content_type: Option<String> = "content-type" [indexed system];
            /// `inline`, or how a browser should save it.
            CONTENT_DISPOSITION content_disposition: Option<String> = "content-disposition" [indexed system];
            /// Changes with every upload to the same path.
            LOCATION_ID location_id: Option<String> = "location-id" [unique indexed required system];
            /// Always 1.
            KEY_VERSION key_version: Option<u64> = "key-version" [system];
        }
        one {}
        many {}
    }

    /// An npm package in one version range.
    Package(EntityId) = "registry_packages" {
        attrs {
            /// `zod@^3.0`; `zod@*` when bare.
            KEY key: String = "key" [unique indexed required];
            /// The package's name.
            NAME name: String = "name" [indexed];
            /// The range; `*` when bare.
            VERSION version: String = "version" [];
        }
        one {}
        many {}
    }

    /// All versions that a repository had at one time; immutable.
    Snapshot(SnapshotId) = "registry_snapshots" {
        attrs {
            /// `<repositoryId>@<digest of the list>`.
            KEY key: String = "key" [unique indexed required];
            /// Digest of the settings it was made with.
            SETTINGS_DIGEST settings_digest: String = "settingsDigest" [];
            /// How many versions are in it.
            COUNT count: u64 = "count" [];
            /// When it was made.
            CREATED_AT created_at: Timestamp = "createdAt" [indexed];
        }
        one {
            /// The repository it belongs to.
            REPOSITORY repository: Repository = "repository", reverse SNAPSHOTS = "snapshots" [];
            /// The commit it was made from.
            COMMIT commit: Commit = "commit", reverse SNAPSHOTS = "snapshots" [];
            /// The list of its versions.
            LIST list: StoredFile = "list", reverse REGISTRY_SNAPSHOTS = "registrySnapshots" [];
        }
        many {}
    }

    /// The act of making a snapshot current; the highest `seq` of a repository is current.
    /// What else decides which name leads where takes a number, too, without a snapshot.
    Publication(PublicationId) = "registry_publications" {
        attrs {
            /// Its place in the order of all publications, from 1.
            SEQ seq: u64 = "seq" [unique indexed required];
            /// A fresh value that tells its writer apart.
            ATTEMPT attempt: String = "attempt" [];
            /// When it was made.
            AT at: Timestamp = "at" [indexed];
            /// `sync`, `manual` or `rollback`; `names` where nothing is published.
            KIND kind: String = "kind" [];
            /// Who made it, where someone did.
            ACTOR actor: Option<String> = "actor" [];
        }
        one {
            /// The repository whose current snapshot it names.
            REPOSITORY repository: Repository = "repository", reverse PUBLICATIONS = "publications" [];
            /// The snapshot that is current from here on.
            SNAPSHOT snapshot: Snapshot = "snapshot", reverse PUBLICATIONS = "publications" [];
        }
        many {}
    }

    /// A tag, channel or branch, and the snapshot it names.
    Ref(EntityId) = "registry_refs" {
        attrs {
            /// `<repositoryId>/<kind>/<name>`.
            KEY key: String = "key" [unique indexed required];
            /// `tag`, `channel` or `branch`.
            KIND kind: String = "kind" [indexed];
            /// Its name, without `refs/…/`.
            NAME name: String = "name" [indexed];
            /// When it last moved.
            UPDATED_AT updated_at: Timestamp = "updatedAt" [indexed];
        }
        one {
            /// The repository it belongs to.
            REPOSITORY repository: Repository = "repository", reverse REFS = "refs" [cascade];
            /// The snapshot it names.
            SNAPSHOT snapshot: Snapshot = "snapshot", reverse REFS = "refs" [];
        }
        many {}
    }

    /// Who is doing a piece of work that one should do at a time.
    Lease(EntityId) = "registry_leases" {
        attrs {
            /// `sync:<repositoryId>`.
            KEY key: String = "key" [unique indexed required];
            /// The process that holds it.
            HOLDER holder: String = "holder" [required];
            /// Changes with every renewal.
            BEAT beat: u64 = "beat" [required];
        }
        one {}
        many {}
    }

    /// One run of a sync.
    Sync(SyncId) = "registry_syncs" {
        attrs {
            /// When it began.
            STARTED_AT started_at: Timestamp = "startedAt" [indexed];
            /// When it ended.
            FINISHED_AT finished_at: Option<Timestamp> = "finishedAt" [indexed];
            /// A `model::SyncState`, as text.
            STATE state: String = "state" [indexed];
            /// A `model::Trigger`, as text.
            TRIGGER trigger: String = "trigger" [];
            /// The commit it began from.
            FROM from: Option<String> = "from" [];
            /// The commit it read.
            TO to: Option<String> = "to" [];
            /// A `model::SyncReport`, as JSON text.
            REPORT report: Option<String> = "report" [];
            /// The server that runs it.
            SERVER server: Option<String> = "server" [];
        }
        one {
            /// The repository it was for.
            REPOSITORY repository: Repository = "repository", reverse SYNCS = "syncs" [cascade];
        }
        many {}
    }

    /// A delivery of a webhook that was taken, so that it is taken once.
    Delivery(EntityId) = "registry_deliveries" {
        attrs {
            /// A digest of repository, delivery and body.
            KEY key: String = "key" [unique indexed required];
            /// When it was.
            AT at: Timestamp = "at" [indexed];
        }
        one {}
        many {}
    }

    /// The organisation's settings; one row.
    Settings(EntityId) = "registry_settings" {
        attrs {
            /// The `@name` under which projects know the registry.
            ALIAS alias: Option<String> = "alias" [];
            /// The registry's name for people.
            NAME name: Option<String> = "name" [];
            /// Its home page.
            HOMEPAGE homepage: Option<String> = "homepage" [];
            /// Whether anyone may read it.
            PUBLIC public: bool = "public" [];
            /// The `model::DependencyPolicy` of repositories added without one, as text.
            DEFAULT_POLICY default_policy: Option<String> = "defaultPolicy" [];
            /// The `model::Accent` of the dashboard, as text.
            ACCENT accent: Option<String> = "accent" [];
        }
        one {}
        many {}
    }

    /// An access token; its secret is kept as a hash only.
    Token(TokenId) = "registry_tokens" {
        attrs {
            /// The hash of its secret.
            HASH hash: String = "hash" [unique indexed required];
            /// Its name for people.
            NAME name: String = "name" [];
            /// What it may do: `read`, `sync`, `admin`.
            SCOPES scopes: Vec<String> = "scopes" [];
            /// When it was made.
            CREATED_AT created_at: Timestamp = "createdAt" [indexed];
            /// Until when it is valid.
            EXPIRES_AT expires_at: Option<Timestamp> = "expiresAt" [];
            /// When it was last used, hourly at most.
            LAST_USED_AT last_used_at: Option<Timestamp> = "lastUsedAt" [];
            /// When it was revoked.
            REVOKED_AT revoked_at: Option<Timestamp> = "revokedAt" [];
            /// Who made it.
            CREATED_BY created_by: Option<String> = "createdBy" [];
            /// The id of the token that was made to take its place.
            REPLACED_BY replaced_by: Option<String> = "replacedBy" [];
        }
        one {}
        many {}
    }

    /// Another name of a component, most often a former one.
    Alias(EntityId) = "registry_aliases" {
        attrs {
            /// The other name.
            NAME name: String = "name" [unique indexed required];
            /// What made it: `rename`, `namespace` or `admin`.
            KIND kind: Option<String> = "kind" [];
            /// When it was made.
            CREATED_AT created_at: Option<Timestamp> = "createdAt" [indexed];
        }
        one {
            /// The component it leads to.
            COMPONENT component: Component = "component", reverse ALIASES = "aliases" [cascade];
        }
        many {}
    }

    /// An entry of the audit log; never changed.
    Event(EntityId) = "registry_events" {
        attrs {
            /// When it happened.
            AT at: Timestamp = "at" [indexed];
            /// Who did it.
            ACTOR actor: String = "actor" [];
            /// The address it was asked from.
            ADDRESS address: Option<String> = "address" [];
            /// What was done.
            ACTION action: String = "action" [];
            /// What it was done to.
            SUBJECT subject: String = "subject" [];
            /// More about it.
            DETAIL detail: Option<Value> = "detail" [];
        }
        one {}
        many {}
    }
}
