//! Where the nodes of a graph stand: one column for each distance, from what
//! needs the component on the left to what it needs on the right.

/// Sizes, in pixels.
pub(super) const WIDTH: i32 = 184;
/// The height of a node.
pub(super) const HEIGHT: i32 = 32;
const GAP: i32 = 12;
/// What stands between two columns, for the lines.
pub(super) const CHANNEL: i32 = 64;
/// Around the whole, for the rings of the focus.
const MARGIN: i32 = 4;

/// The upper left corner of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// From the left.
    pub(super) x: i32,
    /// From above.
    pub(super) y: i32,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// The nodes, in their order.
    pub(super) spots: Vec<Spot>,
    /// The whole width.
    pub(super) width: i32,
    /// The whole height.
    pub(super) height: i32,
}

/// Places nodes, given their distances and who needs whom. Within a column they
/// stand near what they are connected to, so that few lines cross.
pub(super) fn layout(distances: &[i32], edges: &[(usize, usize)]) -> Layout {
    let (Some(&first), Some(&last)) = (distances.iter().min(), distances.iter().max()) else {
        return Layout { spots: Vec::new(), width: 0, height: 0 };
    };
    let in_column = |distance: i32| (0..distances.len()).filter(move |&at| distances[at] == distance);
    let tallest = (first..=last).map(|distance| in_column(distance).count()).max().unwrap_or(0);
    let height_of = |count: usize| i32::try_from(count).unwrap_or(i32::MAX / 64) * (HEIGHT + GAP) - GAP;
    let height = height_of(tallest) + 2 * MARGIN;

    let mut spots = vec![Spot { x: 0, y: 0 }; distances.len()];
    // From the middle outwards: a column is ordered by the one that is inside of it.
    let mut columns: Vec<i32> = (first..=last).collect();
    columns.sort_by_key(|distance| (distance.abs(), *distance));
    for distance in columns {
        let inner = distance - distance.signum();
        let beside = |at: usize| {
            let others = edges.iter().filter_map(move |&(from, to)| match at {
                at if at == from => Some(to),
                at if at == to => Some(from),
                _ => None,
            });
            others.filter(|&other| distance != 0 && distances[other] == inner)
        };
        let mut column: Vec<usize> = in_column(distance).collect();
        let mean = |at: usize, spots: &[Spot]| {
            let (sum, count) = beside(at).fold((0, 0), |(sum, count), other| (sum + spots[other].y, count + 1));
            // Those that are connected to nothing inside stand last.
            if count == 0 { i32::MAX } else { sum / count }
        };
        column.sort_by_key(|&at| (mean(at, &spots), at));
        let top = (height - height_of(column.len())) / 2;
        for (place, at) in (0..).zip(column) {
            spots[at] = Spot { x: MARGIN + (distance - first) * (WIDTH + CHANNEL), y: top + place * (HEIGHT + GAP) };
        }
    }
    let width = (last - first) * (WIDTH + CHANNEL) + WIDTH + 2 * MARGIN;
    Layout { spots, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_needs_stands_left_of_what_is_needed() {
        let layout = layout(&[0, 1, -1, 2], &[(0, 1), (2, 0), (1, 3)]);
        let x: Vec<i32> = layout.spots.iter().map(|spot| spot.x).collect();
        assert!(x[2] < x[0] && x[0] < x[1] && x[1] < x[3]);
        assert_eq!(layout.height, HEIGHT + 2 * MARGIN);
    }

    #[test]
    fn nodes_stand_beside_those_they_belong_to() {
        // 1 and 2 are needed by 0; 3 by 2, 4 by 1.
        let layout = layout(&[0, 1, 1, 2, 2], &[(0, 1), (0, 2), (2, 3), (1, 4)]);
        assert!(layout.spots[4].y < layout.spots[3].y);
    }

    #[test]
    fn nothing_has_no_size() {
        assert_eq!(layout(&[], &[]), Layout { spots: Vec::new(), width: 0, height: 0 });
    }

    proptest! {
        #[test]
        fn nodes_never_overlap_and_stand_within(
            distances in prop::collection::vec(-3..=3_i32, 1..40),
            // Circles, loops and lines within a column, too.
            edges in prop::collection::vec((0..40_usize, 0..40_usize), 0..80),
        ) {
            let edges: Vec<_> = edges.into_iter().filter(|(from, to)| *from < distances.len() && *to < distances.len()).collect();
            let layout = super::layout(&distances, &edges);
            prop_assert_eq!(&layout, &super::layout(&distances, &edges));
            for (at, one) in layout.spots.iter().enumerate() {
                prop_assert!(one.x >= 0 && one.y >= 0 && one.x + WIDTH <= layout.width && one.y + HEIGHT <= layout.height);
                for other in &layout.spots[at + 1..] {
                    let apart = (one.x - other.x).abs() >= WIDTH || (one.y - other.y).abs() >= HEIGHT;
                    prop_assert!(apart, "{one:?} {other:?}");
                }
            }
        }
    }
}
