"""What Delivery desk is compared with: a view that does nothing, and the receiver that people write."""
