#include "CKernels.h"
int bp_stub(void);int bp_stub(void){return BACKPROP_STUB;}
