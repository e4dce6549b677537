"""Operations on the whole data set: load, export, import, compare, measure."""
