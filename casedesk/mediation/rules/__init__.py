"""What may happen in a mediation, when and by whom; what follows. Pure: values in, values out."""
