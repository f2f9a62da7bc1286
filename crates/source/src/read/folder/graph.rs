//! Two questions about graphs: who alone leads to a node, and which nodes lead
//! to each other.

/// For each node, the root or node through which alone it is reached: its
/// immediate dominator, where every root is reached from outside. `None` for
/// roots, for what several of them lead to, and for what none leads to.
///
/// By Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm".
pub(super) fn dominators(edges: &[Vec<usize>], roots: &[usize]) -> Vec<Option<usize>> {
    // A virtual entry before all roots, as the last node.
    let entry = edges.len();
    let order = postorder(edges, roots, entry);
    let mut number = vec![usize::MAX; edges.len() + 1];
    for (at, &node) in order.iter().enumerate() {
        number[node] = at;
    }
    let mut before = vec![Vec::new(); edges.len() + 1];
    for (from, targets) in edges.iter().enumerate().filter(|(from, _)| number[*from] != usize::MAX) {
        for &to in targets {
            before[to].push(from);
        }
    }
    for &root in roots {
        before[root].push(entry);
    }
    let mut dominator = vec![None; edges.len() + 1];
    dominator[entry] = Some(entry);
    let mut changed = true;
    while changed {
        changed = false;
        for &node in order.iter().rev().filter(|&&node| node != entry) {
            let mut best: Option<usize> = None;
            for &from in before[node].iter().filter(|&&from| dominator[from].is_some()) {
                best = Some(best.map_or(from, |best| meet(&dominator, &number, best, from)));
            }
            if best.is_some() && dominator[node] != best {
                dominator[node] = best;
                changed = true;
            }
        }
    }
    dominator.truncate(edges.len());
    dominator.into_iter().map(|dominator| dominator.filter(|&dominator| dominator != entry)).collect()
}

fn meet(dominator: &[Option<usize>], number: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        while number[a] < number[b] {
            a = dominator[a].expect("only nodes with a dominator are met");
        }
        while number[b] < number[a] {
            b = dominator[b].expect("only nodes with a dominator are met");
        }
    }
    a
}

/// What is reached from the roots, in postorder, and `entry` at the end.
fn postorder(edges: &[Vec<usize>], roots: &[usize], entry: usize) -> Vec<usize> {
    let mut order = Vec::with_capacity(edges.len() + 1);
    let mut seen = vec![false; edges.len()];
    for &root in roots {
        let mut stack = vec![(root, 0)];
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        while let Some((node, next)) = stack.last_mut() {
            if let Some(&to) = edges[*node].get(*next) {
                *next += 1;
                if !std::mem::replace(&mut seen[to], true) {
                    stack.push((to, 0));
                }
            } else {
                order.push(*node);
                stack.pop();
            }
        }
    }
    order.push(entry);
    order
}

/// The sets of more than one node that lead to each other, each in rising
/// order. By Tarjan, without recursion.
pub(super) fn cycles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let unseen = usize::MAX;
    let (mut index, mut low) = (vec![unseen; edges.len()], vec![0; edges.len()]);
    let (mut open, mut is_open) = (Vec::new(), vec![false; edges.len()]);
    let (mut next_index, mut cycles) = (0, Vec::new());
    for start in 0..edges.len() {
        if index[start] != unseen {
            continue;
        }
        let mut stack = vec![(start, 0)];
        while let Some(&mut (node, ref mut next)) = stack.last_mut() {
            if *next == 0 {
                (index[node], low[node]) = (next_index, next_index);
                next_index += 1;
                open.push(node);
                is_open[node] = true;
            }
            if let Some(&to) = edges[node].get(*next) {
                *next += 1;
                if index[to] == unseen {
                    stack.push((to, 0));
                } else if is_open[to] {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            stack.pop();
            if let Some(&(above, _)) = stack.last() {
                low[above] = low[above].min(low[node]);
            }
            if low[node] == index[node] {
                let at =
                    open.iter().rposition(|&open| open == node).expect("a node stays open until its set is complete");
                let mut set = open.split_off(at);
                for &node in &set {
                    is_open[node] = false;
                }
                if set.len() > 1 {
                    set.sort_unstable();
                    cycles.push(set);
                }
            }
        }
    }
    cycles.sort_unstable();
    cycles
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_one_alone_leads_to_belongs_to_it() {
        // 0 and 1 are roots; 0 -> 2 -> 3, both -> 4 -> 5, 1 -> 0.
        let edges = [vec![2, 4], vec![4, 0], vec![3], vec![2], vec![5], vec![], vec![5]];
        assert_eq!(dominators(&edges, &[0, 1]), [None, None, Some(0), Some(2), None, Some(4), None]);
    }

    #[test]
    fn nodes_that_lead_to_each_other_are_a_cycle() {
        let edges = [vec![1], vec![2], vec![0, 3], vec![4], vec![3], vec![5], vec![]];
        assert_eq!(cycles(&edges), [vec![0, 1, 2], vec![3, 4]]);
    }

    #[test]
    fn a_long_chain_does_not_overflow() {
        let edges: Vec<Vec<usize>> = (0..200_000).map(|node| vec![(node + 1) % 200_000]).collect();
        assert_eq!(cycles(&edges)[0].len(), 200_000);
        assert_eq!(dominators(&edges, &[0])[1], Some(0));
    }

    fn reaches(edges: &[Vec<usize>], roots: &[usize], to: usize, without: Option<usize>) -> bool {
        let mut seen = vec![false; edges.len()];
        let mut next: Vec<usize> = roots.iter().copied().filter(|root| Some(*root) != without).collect();
        while let Some(node) = next.pop() {
            if Some(node) != without && !std::mem::replace(&mut seen[node], true) {
                next.extend(&edges[node]);
            }
        }
        seen[to]
    }

    proptest! {
        #[test]
        fn a_dominator_is_on_every_way(
            edges in proptest::collection::vec(proptest::collection::vec(0..12usize, 0..4), 12..=12),
            roots in proptest::collection::btree_set(0..12usize, 1..4),
        ) {
            let roots: Vec<usize> = roots.into_iter().collect();
            let found = dominators(&edges, &roots);
            for (node, dominator) in found.iter().copied().enumerate() {
                match dominator {
                    Some(dominator) => {
                        prop_assert!(reaches(&edges, &roots, node, None));
                        prop_assert!(!reaches(&edges, &roots, node, Some(dominator)));
                    }
                    None if reaches(&edges, &roots, node, None) => {
                        for other in (0..edges.len()).filter(|other| *other != node) {
                            prop_assert!(reaches(&edges, &roots, node, Some(other)));
                        }
                    }
                    None => {}
                }
            }
            for set in cycles(&edges) {
                for from in &set {
                    for to in &set {
                        prop_assert!(reaches(&edges, &edges[*from], *to, None));
                    }
                }
            }
        }
    }
}
