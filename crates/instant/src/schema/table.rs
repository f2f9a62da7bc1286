//! The macro behind the schema table.

/// Turns the table in `rows.rs` into row structs, typed attribute and link
/// constants, and the definitions from which schema and store are made.
macro_rules! entities {
    ($(
        $(#[doc = $entity_doc:literal])*
        $entity:ident($id:ty) = $namespace:literal {
            attrs {$(
                $(#[doc = $attr_doc:literal])*
                $attr_const:ident $attr_field:ident: $attr_type:ty = $attr_label:literal [$($attr_flag:ident)*];
            )*}
            one {$(
                $(#[doc = $one_doc:literal])*
                $one_const:ident $one_field:ident: $one_target:ident = $one_label:literal,
                    reverse $one_reverse_const:ident = $one_reverse_label:literal [$($one_flag:ident)*];
            )*}
            many {$(
                $(#[doc = $many_doc:literal])*
                $many_const:ident: $many_target:ident = $many_label:literal,
                    reverse $many_reverse_const:ident = $many_reverse_label:literal;
            )*}
        }
    )*) => {
        /// Every namespace of the schema table, in its order.
        pub const ENTITIES: &[EntityDef] = &[$($entity::DEF),*];
        $(
            $(#[doc = $entity_doc])*
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            pub struct $entity {
                /// The entity's id.
                pub id: $id,
                $(
                    $(#[doc = $attr_doc])*
                    #[serde(default, rename = $attr_label, deserialize_with = "crate::value::field")]
                    pub $attr_field: $attr_type,
                )*
                $(
                    $(#[doc = $one_doc])*
                    #[serde(default, rename = $one_label, deserialize_with = "crate::value::linked")]
                    pub $one_field: Option<<$one_target as Entity>::Id>,
                )*
            }

            impl Entity for $entity {
                type Id = $id;
                const NAMESPACE: &'static str = $namespace;
                const DEF: EntityDef = EntityDef {
                    namespace: $namespace,
                    attrs: &[$(
                        AttrDef::new($attr_label, <<$attr_type as Field>::Value as AttrValue>::TYPE)$(.$attr_flag())*,
                    )*],
                    links: &[
                        $(LinkDef::new($namespace, $one_label, Cardinality::One, <$one_target as Entity>::NAMESPACE, $one_reverse_label)$(.$one_flag())*,)*
                        $(LinkDef::new($namespace, $many_label, Cardinality::Many, <$many_target as Entity>::NAMESPACE, $many_reverse_label),)*
                    ],
                };
            }

            impl $entity {
                $(
                    $(#[doc = $attr_doc])*
                    pub const $attr_const: Attr<$entity, <$attr_type as Field>::Value> = Attr::new($attr_label);
                )*
                $(
                    $(#[doc = $one_doc])*
                    pub const $one_const: Link<$entity, $one_target> = Link::new($one_label);
                )*
                $(
                    $(#[doc = $many_doc])*
                    pub const $many_const: Link<$entity, $many_target> = Link::new($many_label);
                )*
            }

            $(
                impl $one_target {
                    #[doc = concat!("The rows of `", $namespace, "` whose `", $one_label, "` is this one.")]
                    pub const $one_reverse_const: Link<$one_target, $entity> = Link::new($one_reverse_label);
                }
            )*
            $(
                impl $many_target {
                    #[doc = concat!("The rows of `", $namespace, "` whose `", $many_label, "` include this one.")]
                    pub const $many_reverse_const: Link<$many_target, $entity> = Link::new($many_reverse_label);
                }
            )*
        )*
    };
}

pub(crate) use entities;
