//! Permissions of a v2 token: features, names, and a bit mask for each feature.

/// `fea` lists features with their scopes (`o` for an organisation's), `per`
/// names of permissions, `fpm` one decimal bit mask for each feature of an
/// organisation: bit 0 is the first name. Masks may have any length.
pub(crate) fn decode(fea: &str, per: &str, fpm: &str) -> Vec<String> {
    let features = fea.split(',').filter_map(|entry| {
        let (scope, name) = entry.trim().split_once(':')?;
        // Scopes may come together, as `uo`.
        scope.contains('o').then_some(name)
    });
    let names: Vec<&str> = per.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let masks = fpm.split(',').map(|mask| bits(mask.trim(), names.len()));
    let mut permissions = Vec::new();
    for (feature, mask) in features.zip(masks).filter(|(feature, _)| !feature.is_empty()) {
        let held = names.iter().zip(mask).filter(|(_, held)| *held);
        permissions.extend(held.map(|(name, _)| format!("org:{feature}:{name}")));
    }
    permissions
}

/// The lowest `count` bits of a decimal number; none of what is no number.
fn bits(decimal: &str, count: usize) -> Vec<bool> {
    if !decimal.bytes().all(|digit| digit.is_ascii_digit()) {
        return Vec::new();
    }
    let mut digits: Vec<u8> = decimal.bytes().map(|digit| digit - b'0').collect();
    let halve = |_| {
        let mut rest = 0;
        for digit in &mut digits {
            let value = rest * 10 + *digit;
            *digit = value / 2;
            rest = value % 2;
        }
        rest == 1
    };
    (0..count).map(halve).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_belong_to_the_features_of_organisations_in_their_order() {
        let permissions = decode("o:registry,u:beta,o:teams", "manage,read", "3,2");
        assert_eq!(permissions, ["org:registry:manage", "org:registry:read", "org:teams:read"]);
    }

    #[test]
    fn what_does_not_fit_grants_nothing() {
        for (fea, per, fpm) in [
            ("", "", ""),
            ("o:a", "", "1"),
            ("o:a", "read", ""),
            ("o:a", "read", "-1"),
            ("o:a", "read", "1e3"),
            ("o:a", "read", "0"),
            ("a", "read", "1"),
            ("u:a", "read", "1"),
            ("o:", "read", "1"),
            ("o:a", "read", "2"),
        ] {
            assert!(decode(fea, per, fpm).is_empty(), "{fea} {per} {fpm}");
        }
    }

    #[test]
    fn a_mask_may_be_longer_than_any_integer_of_the_machine() {
        // 2^130 + 1
        let mask = "1361129467683753853853498429727072845825";
        let held: Vec<usize> = (0..131).filter(|bit| bits(mask, 131)[*bit]).collect();
        assert_eq!(held, [0, 130]);
    }

    proptest! {
        #[test]
        fn bits_of_a_number_are_its_bits(number: u128, count in 0_usize..=128) {
            let expected: Vec<bool> = (0..count).map(|bit| number >> bit & 1 == 1).collect();
            prop_assert_eq!(bits(&number.to_string(), count), expected);
        }

        #[test]
        fn any_texts_are_read_without_harm(fea: String, per: String, fpm: String) {
            decode(&fea, &per, &fpm);
        }
    }
}
