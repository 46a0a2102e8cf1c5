"""The training itself: recipe, batches, losses, optimisers, the loop."""
